//! A trigger call: which table, which operation, which row.

use std::ffi::{CStr, CString};

use audit_core::catalogue::{RELATIONS, TrailRelation};
use pgrx::pg_sys;

use super::call::{Answer, Call};
use super::datum::{Datum, held};
use super::expected::{Expected, Found, On};
use super::fired::Operation;
use super::misuse::Misuse;
use super::node::cast;
use super::record::Record;
pub use super::row::Tuple;
use super::row::{self, ColumnDescription, OwnedRow};
use super::shape::{self, Named, Places};
use super::{compat, index};

/// Bits for the place of a table in the catalogue, behind the relation.
const ANSWER_BITS: u32 = 8;

pub struct Trigger {
    data: *const pg_sys::TriggerData,
    function: pg_sys::Oid,
    expected: &'static Expected,
    found: Found,
}

impl Trigger {
    /// The call of a trigger that is what the function is made for; anything else is an error.
    pub fn of(call: &Call, expected: &'static Expected) -> Result<Trigger, Misuse> {
        // SAFETY: context is NULL or a node; the relation of a trigger's call is open.
        unsafe {
            let data = cast::<pg_sys::TriggerData>((*call.raw()).context).ok_or(Misuse::NotATrigger)?;
            let mut trigger = Trigger { data, function: call.function(), expected, found: Found::ANY };
            if !expected.fired.includes(data.tg_event) {
                return Err(trigger.misplaced());
            }
            // A statement calls for each of its rows and asks once: what the answer was is kept where Postgres describes the function to
            // its caller, in the word that the function has to itself.
            let answered = &mut (*(*call.raw()).flinfo).fn_extra;
            let relation = (*data.tg_relation).rd_id.to_u32() as usize;
            let answer = *answered as usize;
            if answer >> ANSWER_BITS == relation {
                trigger.found.table = answer & ((1 << ANSWER_BITS) - 1);
                return Ok(trigger);
            }
            trigger.found = expected.find(&*data.tg_relation, trigger.function)?;
            if matches!(trigger.found.columns, Places::InOrder) {
                *answered = (relation << ANSWER_BITS | trigger.found.table) as *mut _;
            }
            Ok(trigger)
        }
    }

    /// The table of the trail that the trigger is on; of a partition, the table it is a part of.
    pub fn relation(&self) -> &'static TrailRelation {
        debug_assert!(!matches!(self.expected.on, On::AnyTable), "it may be no table of the trail");
        &RELATIONS[self.found.table]
    }

    /// What to answer where the function finds that this trigger is none that it is made for.
    pub fn misplaced(&self) -> Misuse {
        self.expected.misplaced(self.function, self.table_name())
    }

    pub fn operation(&self) -> Operation {
        // SAFETY: data is valid during the call.
        match unsafe { (*self.data).tg_event } & pg_sys::TRIGGER_EVENT_OPMASK {
            pg_sys::TRIGGER_EVENT_INSERT => Operation::Insert,
            pg_sys::TRIGGER_EVENT_UPDATE => Operation::Update,
            pg_sys::TRIGGER_EVENT_DELETE => Operation::Delete,
            _ => Operation::Truncate,
        }
    }

    pub fn is_before(&self) -> bool {
        // SAFETY: data is valid during the call.
        unsafe { (*self.data).tg_event & pg_sys::TRIGGER_EVENT_TIMINGMASK == pg_sys::TRIGGER_EVENT_BEFORE }
    }

    pub(super) fn raw(&self) -> &pg_sys::TriggerData {
        // SAFETY: data is valid during the call.
        unsafe { &*self.data }
    }

    /// Whether it is given all the rows that its statement changed.
    pub fn has_transition_tables(&self) -> bool {
        !self.raw().tg_oldtable.is_null() || !self.raw().tg_newtable.is_null()
    }

    /// Whether it is told of rows: of one, and where it has transition tables, of all as they were and as they are.
    pub fn is_given_rows(&self) -> bool {
        let (has_old, has_new) = (!self.raw().tg_oldtable.is_null(), !self.raw().tg_newtable.is_null());
        match self.operation() {
            _ if self.is_for_row() && !self.has_transition_tables() => true,
            Operation::Insert => has_new,
            Operation::Update => has_old && has_new,
            Operation::Delete => has_old,
            Operation::Truncate => false,
        }
    }

    pub fn is_of_partitioned_table(&self) -> bool {
        // SAFETY: tg_relation is open during the call.
        unsafe { (*(*self.raw().tg_relation).rd_rel).relkind as u8 == b'p' }
    }

    /// Whether it is called for each row, not once for the statement.
    pub fn is_for_row(&self) -> bool {
        self.raw().tg_event & pg_sys::TRIGGER_EVENT_ROW != 0
    }

    /// Whether the session says that its changes were made elsewhere (`session_replication_role = replica`), as a superuser may.
    pub fn is_in_replica_role() -> bool {
        // SAFETY: reads a variable of the backend.
        unsafe { pg_sys::SessionReplicationRole == pg_sys::SESSION_REPLICATION_ROLE_REPLICA as i32 }
    }

    /// Whether logical replication makes the change; then it was made, and fired triggers, elsewhere.
    pub fn is_applied_by_replication() -> bool {
        // SAFETY: reads a variable of the backend.
        unsafe { pg_sys::IsLogicalWorker() }
    }

    /// The columns of the table, dropped ones included.
    pub fn column_descriptions(&self) -> Vec<ColumnDescription> {
        // SAFETY: the description belongs to the open relation.
        unsafe { row::columns(self.description()) }
    }

    /// The places of the columns that identify a row: the primary key, else the index chosen as replica identity, else none.
    pub fn key_places(&self) -> Vec<usize> {
        // SAFETY: the table is open while its trigger runs.
        unsafe { index::key_places(self.raw().tg_relation) }
    }

    /// A row of the table taken apart.
    pub fn take_apart<'r>(&'r self, row: Tuple<'r>) -> OwnedRow<'r> {
        // SAFETY: row has the table's description and lives as long as the call.
        unsafe { OwnedRow::deform(row.raw(), self.description()) }
    }

    /// The table the row is stored in: the partition, not its parent.
    pub fn table(&self) -> pg_sys::Oid {
        // SAFETY: tg_relation is open during the call.
        unsafe { (*(*self.data).tg_relation).rd_id }
    }

    pub fn table_name(&self) -> String {
        // SAFETY: tg_relation is open during the call.
        unsafe {
            CStr::from_ptr((*(*(*self.data).tg_relation).rd_rel).relname.data.as_ptr()).to_string_lossy().into_owned()
        }
    }

    /// The trigger's argument as declared in CREATE TRIGGER, or None.
    pub fn argument(&self, index: usize) -> Option<&str> {
        // SAFETY: tgargs holds tgnargs C strings.
        unsafe {
            let trigger = (*self.data).tg_trigger;
            (index < (*trigger).tgnargs as usize)
                .then(|| CStr::from_ptr(*(*trigger).tgargs.add(index)).to_str().unwrap_or_default())
        }
    }

    pub fn description(&self) -> pg_sys::TupleDesc {
        // SAFETY: tg_relation is open during the call.
        unsafe { (*(*self.data).tg_relation).rd_att }
    }

    /// The row before an UPDATE or DELETE.
    pub fn old_row(&self) -> Tuple<'_> {
        self.tuple(self.raw().tg_trigtuple)
    }

    /// The row after an INSERT or UPDATE.
    pub fn new_row(&self) -> Tuple<'_> {
        self.tuple(match self.operation() {
            Operation::Update => self.raw().tg_newtuple,
            _ => self.raw().tg_trigtuple,
        })
    }

    fn tuple(&self, tuple: pg_sys::HeapTuple) -> Tuple<'_> {
        assert!(!tuple.is_null(), "a trigger of a statement is given no row");
        // SAFETY: the row is there as long as the call.
        unsafe { Tuple::of(tuple) }
    }

    /// The columns that the function expects, of the row that is being inserted.
    pub fn inserted<const N: usize>(&self, shape: &'static [Named; N]) -> Result<Record<'_, N>, Misuse> {
        // SAFETY: the slot belongs to the row of an INSERT trigger and has the table's description, in which the columns were found.
        unsafe {
            let slot = (*self.data).tg_trigslot;
            if slot.is_null() || !self.expects(shape) {
                return Err(self.misplaced());
            }
            let needed = match self.found.columns {
                Places::InOrder => N as i32,
                Places::ByName(_) => (*(*slot).tts_tupleDescriptor).natts,
            };
            if i32::from((*slot).tts_nvalid) < needed {
                pg_sys::slot_getsomeattrs_int(slot, needed);
            }
            let value = |place| (!*(*slot).tts_isnull.add(place)).then(|| *(*slot).tts_values.add(place));
            Ok(Record::of(shape, self.picked(value)))
        }
    }

    /// The columns that the function expects, of `row`.
    pub fn columns<'r, const N: usize>(
        &self,
        row: Tuple<'r>,
        shape: &'static [Named; N],
    ) -> Result<Record<'r, N>, Misuse> {
        if !self.expects(shape) {
            return Err(self.misplaced());
        }
        // SAFETY: row has the table's description; the arrays have its length.
        unsafe {
            let count = (*self.description()).natts as usize;
            let mut values = vec![pg_sys::Datum::from(0usize); count];
            let mut nulls = vec![false; count];
            pg_sys::heap_deform_tuple(row.raw(), self.description(), values.as_mut_ptr(), nulls.as_mut_ptr());
            Ok(Record::of(shape, self.picked(|place| (!nulls[place]).then(|| values[place]))))
        }
    }

    fn expects(&self, shape: &'static [Named]) -> bool {
        std::ptr::eq(self.expected.columns, shape)
    }

    /// The values of the columns expected, in their order, out of a row of the table, whose places are counted from 0.
    fn picked<const N: usize>(&self, value: impl Fn(usize) -> Option<pg_sys::Datum>) -> [Option<pg_sys::Datum>; N] {
        match &self.found.columns {
            Places::InOrder => std::array::from_fn(value),
            Places::ByName(numbers) => std::array::from_fn(|column| value(numbers[column]? as usize - 1)),
        }
    }

    /// Lets the row pass as it is.
    pub fn pass(&self, row: Tuple) -> Answer {
        Answer::Row(row.in_answer())
    }

    /// Lets the row pass with some columns replaced, by their numbers among those that the function expects; one that the table lacks is left out.
    pub fn pass_with(&self, row: Tuple, changes: &[(i16, Option<Datum>)]) -> Answer {
        let of_table = |(column, value): &(i16, _)| self.found.columns.number(*column).map(|number| (number, *value));
        let changes: Vec<(i16, Option<Datum>)> = changes.iter().filter_map(of_table).collect();
        if changes.is_empty() {
            return self.pass(row);
        }
        changes.iter().for_each(|(number, value)| self.assert_suits(*number, *value));
        let mut columns: Vec<i32> = changes.iter().map(|(column, _)| i32::from(*column)).collect();
        let (mut values, mut nulls): (Vec<_>, Vec<_>) = changes.iter().map(|(_, value)| held(*value)).unzip();
        // SAFETY: the arrays have the same length, and the values the types of their columns.
        let tuple = unsafe {
            pg_sys::heap_modify_tuple_by_cols(
                row.raw(),
                self.description(),
                changes.len() as i32,
                columns.as_mut_ptr(),
                values.as_mut_ptr(),
                nulls.as_mut_ptr(),
            )
        };
        Answer::Row(self.tuple(tuple).in_answer())
    }

    fn assert_suits(&self, number: i16, value: Option<Datum>) {
        // SAFETY: the description has this column.
        let kind = unsafe { (*compat::attribute(self.description(), number as usize - 1)).atttypid };
        assert!(value.is_none_or(|value| shape::holds(kind, value.kind())), "a value of another type than the column");
    }

    /// Lets the row that is being inserted pass with some columns replaced, in the executor's own slot where that is possible: a row
    /// that a trigger replaces is taken apart and put together again, for this trigger and for the next, which costs more than
    /// all the rest of it. Triggers behind this one are given the row as it came, so there may be none but those named in `followers`.
    pub fn insert_with(&self, row: Tuple, changes: &[(i16, Option<Datum>)], followers: &[&str]) -> Answer {
        // SAFETY: a virtual slot holds its values in arrays and nowhere else; new ones live as long as the row, in the context that
        // the executor made current for its triggers.
        unsafe {
            let slot = (*self.data).tg_trigslot;
            if !matches!(self.found.columns, Places::InOrder)
                || changes.is_empty()
                || (*slot).tts_ops != &raw const pg_sys::TTSOpsVirtual
                || !self.is_followed_by_none_but(followers)
            {
                return self.pass_with(row, changes);
            }
            for (column, value) in changes {
                self.assert_suits(*column, *value);
                let place = *column as usize - 1;
                (*(*slot).tts_values.add(place), *(*slot).tts_isnull.add(place)) = held(*value);
            }
        }
        self.pass(row)
    }

    /// Lets the row that is being inserted pass as it is, and gives its memory back. The executor copies a row out of a virtual slot for its
    /// triggers and frees the copy only if one of them replaces it (`ExecBRInsertTriggers`); else all rows of a statement into a
    /// partitioned table are kept until its end.
    pub fn pass_at_last(&self, row: Tuple) -> Answer {
        // SAFETY: the copy is made for these triggers alone. Behind the last of them it is only compared with what came back, never read.
        unsafe {
            if (*(*self.data).tg_trigslot).tts_ops == &raw const pg_sys::TTSOpsVirtual
                && self.is_followed_by_none_but(&[])
            {
                pg_sys::heap_freetuple(row.raw());
            }
        }
        self.pass(row)
    }

    /// Triggers fire in the order of their names, in which the table lists them.
    fn is_followed_by_none_but(&self, followers: &[&str]) -> bool {
        const BEFORE_INSERT_OF_ROW: u32 =
            pg_sys::TRIGGER_TYPE_ROW | pg_sys::TRIGGER_TYPE_BEFORE | pg_sys::TRIGGER_TYPE_INSERT;
        // SAFETY: tg_relation is open during the call, with the triggers it has.
        unsafe {
            let Some(triggers) = (*(*self.data).tg_relation).trigdesc.as_ref() else { return false };
            let own = CStr::from_ptr((*(*self.data).tg_trigger).tgname);
            (0..triggers.numtriggers as usize).map(|index| &*triggers.triggers.add(index)).all(|trigger| {
                let kind = trigger.tgtype as u32;
                let name = CStr::from_ptr(trigger.tgname);
                kind & BEFORE_INSERT_OF_ROW != BEFORE_INSERT_OF_ROW
                    || name <= own
                    || followers.iter().any(|follower| follower.as_bytes() == name.to_bytes())
            })
        }
    }

    /// A row of the trigger's table as jsonb; only for tables of ours, whose types are all built in.
    pub fn row_as_jsonb(&self, row: Tuple) -> Datum<'static> {
        // SAFETY: row has the table's description, and reltype is its composite type.
        unsafe {
            let composite = pg_sys::heap_copy_tuple_as_datum(row.raw(), self.description());
            super::jsonb::of_own_row(composite, (*(*(*self.data).tg_relation).rd_rel).reltype)
        }
    }

    /// The number, from 1, of a column that must be of this type where the table has it.
    pub fn column_number(&self, name: &str, kind: pg_sys::Oid) -> Result<Option<i16>, Misuse> {
        let Some(number) = self.number(name) else { return Ok(None) };
        // SAFETY: the description has this column.
        match unsafe { pg_sys::SPI_gettypeid(self.description(), number.into()) } == kind {
            true => Ok(Some(number)),
            false => Err(Misuse::OtherColumns { table: self.table_name() }),
        }
    }

    /// Its value.
    pub fn column<'r>(&self, row: Tuple<'r>, name: &str, kind: pg_sys::Oid) -> Result<Option<Datum<'r>>, Misuse> {
        let Some(number) = self.column_number(name, kind)? else { return Ok(None) };
        let mut null = false;
        // SAFETY: row has the table's description, and the column is one of it.
        unsafe {
            let value = pg_sys::SPI_getbinval(row.raw(), self.description(), number.into(), &mut null);
            Ok((!null).then(|| Datum::of(value, kind)))
        }
    }

    fn number(&self, name: &str) -> Option<i16> {
        let name = CString::new(name).ok()?;
        // SAFETY: looks through the description.
        let number = unsafe { pg_sys::SPI_fnumber(self.description(), name.as_ptr()) };
        (number > 0).then_some(number as i16)
    }

    pub fn column_as_text(&self, row: Tuple, name: &str) -> Option<String> {
        let number = self.number(name)?;
        // SAFETY: row has the table's description; the answer is a palloc'd C string or NULL.
        unsafe {
            let text = pg_sys::SPI_getvalue(row.raw(), self.description(), number.into());
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }
}
