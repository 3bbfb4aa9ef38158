//! What a scan of an index compares its columns with.

use audit_core::merge::{Order, Position};
use audit_core::time::Timestamp;
use pgrx::pg_sys;
use uuid::Uuid;

use super::datum::Datum;

/// A condition on columns of an index (numbered from 1).
#[derive(Clone, Copy)]
pub enum IndexKey<'a> {
    /// Byte for byte: the index has the collation "C", as keys have that are made here.
    TextIs(i16, &'a [u8]),
    /// The same of a hash index, which may give other texts, too.
    HashedTextIs(i16, &'a [u8]),
    /// A jsonb contains this one. A GIN index may give others, too.
    Contains(i16, Datum<'a>),
    UuidIs(i16, Uuid),
    UuidFrom(i16, Uuid),
    UuidUpTo(i16, Uuid),
    TimeAfter(i16, Timestamp),
    TimeFrom(i16, Timestamp),
    TimeBefore(i16, Timestamp),
    TimeUpTo(i16, Timestamp),
    /// Time and id, in this column and the next, are behind a position: the scan begins there, however many events have its time.
    Behind(i16, Order, Position),
}

/// What a key points to. Postgres copies keys, not what they point to.
pub struct KeyValue {
    uuid: Uuid,
    /// Allocated, or NULL.
    text: *mut pg_sys::varlena,
    /// The members of a comparison of rows.
    members: [pg_sys::ScanKeyData; 2],
}

impl KeyValue {
    /// # Safety
    /// `place` can be written to, and holds zeros or what [`IndexKey::write`] wrote.
    pub(super) unsafe fn forget(place: *mut KeyValue) {
        // SAFETY: the caller promises that the text is NULL or allocated by write().
        unsafe {
            if !(*place).text.is_null() {
                pg_sys::pfree((*place).text.cast());
                (*place).text = std::ptr::null_mut();
            }
        }
    }
}

impl IndexKey<'_> {
    /// The columns of the index and their types.
    pub(super) fn columns(self) -> impl Iterator<Item = (i16, pg_sys::Oid)> {
        let (first, second) = match self {
            IndexKey::TextIs(column, _) | IndexKey::HashedTextIs(column, _) => ((column, pg_sys::TEXTOID), None),
            IndexKey::Contains(column, _) => ((column, pg_sys::JSONBOID), None),
            IndexKey::UuidIs(column, _) | IndexKey::UuidFrom(column, _) | IndexKey::UuidUpTo(column, _) => {
                ((column, pg_sys::UUIDOID), None)
            }
            IndexKey::TimeAfter(column, _)
            | IndexKey::TimeFrom(column, _)
            | IndexKey::TimeBefore(column, _)
            | IndexKey::TimeUpTo(column, _) => ((column, pg_sys::TIMESTAMPTZOID), None),
            IndexKey::Behind(column, ..) => ((column, pg_sys::TIMESTAMPTZOID), Some((column + 1, pg_sys::UUIDOID))),
        };
        std::iter::once(first).chain(second)
    }

    /// # Safety
    /// `place` can be written to, holds zeros or what this function wrote, and is left alone for as long as the key is used.
    pub(super) unsafe fn write(self, place: *mut KeyValue) -> pg_sys::ScanKeyData {
        let time = |time: Timestamp| pg_sys::Datum::from(time.microseconds());
        let uuid = |id: Uuid| {
            // SAFETY: the caller promises that `place` can be written to, and is left alone for as long as the key is used.
            unsafe {
                (&raw mut (*place).uuid).write(id);
                pg_sys::Datum::from(&raw mut (*place).uuid)
            }
        };
        let text = |text: &[u8]| {
            // SAFETY: as for a uuid; what is allocated here is freed with the place.
            unsafe {
                (*place).text = pg_sys::cstring_to_text_with_len(text.as_ptr().cast(), text.len() as i32);
                pg_sys::Datum::from((*place).text)
            }
        };
        // SAFETY: what this function is promised.
        unsafe { KeyValue::forget(place) };
        let (column, strategy, procedure, argument) = match self {
            IndexKey::TextIs(column, value) => (column, pg_sys::BTEqualStrategyNumber, pg_sys::F_TEXTEQ, text(value)),
            IndexKey::HashedTextIs(column, value) => {
                (column, pg_sys::HTEqualStrategyNumber, pg_sys::F_TEXTEQ, text(value))
            }
            IndexKey::Contains(column, document) => {
                (column, pg_sys::JsonbContainsStrategyNumber, pg_sys::F_JSONB_CONTAINS, document.raw())
            }
            IndexKey::UuidIs(column, id) => (column, pg_sys::BTEqualStrategyNumber, pg_sys::F_UUID_EQ, uuid(id)),
            IndexKey::UuidFrom(column, id) => {
                (column, pg_sys::BTGreaterEqualStrategyNumber, pg_sys::F_UUID_GE, uuid(id))
            }
            IndexKey::UuidUpTo(column, id) => (column, pg_sys::BTLessEqualStrategyNumber, pg_sys::F_UUID_LE, uuid(id)),
            IndexKey::TimeAfter(column, at) => {
                (column, pg_sys::BTGreaterStrategyNumber, pg_sys::F_TIMESTAMPTZ_GT, time(at))
            }
            IndexKey::TimeFrom(column, at) => {
                (column, pg_sys::BTGreaterEqualStrategyNumber, pg_sys::F_TIMESTAMPTZ_GE, time(at))
            }
            IndexKey::TimeBefore(column, at) => {
                (column, pg_sys::BTLessStrategyNumber, pg_sys::F_TIMESTAMPTZ_LT, time(at))
            }
            IndexKey::TimeUpTo(column, at) => {
                (column, pg_sys::BTLessEqualStrategyNumber, pg_sys::F_TIMESTAMPTZ_LE, time(at))
            }
            // SAFETY: what this function is promised.
            IndexKey::Behind(column, order, (at, id)) => unsafe {
                return rows_behind(column, order, [time(at), uuid(id.0)], place);
            },
        };
        // SAFETY: zero is a valid ScanKeyData; ScanKeyInit fills it.
        unsafe {
            let mut key: pg_sys::ScanKeyData = std::mem::zeroed();
            pg_sys::ScanKeyInit(&mut key, column, strategy as _, procedure.into(), argument);
            key
        }
    }
}

/// The key of `(time, id) > (…, …)`, or `<`, as nodeIndexscan.c makes it: a header that points to a member for each column.
///
/// # Safety
/// `place` can be written to, and is left alone for as long as the key is used; `values` are a time, and a uuid that lies there as long.
unsafe fn rows_behind(
    column: i16,
    order: Order,
    values: [pg_sys::Datum; 2],
    place: *mut KeyValue,
) -> pg_sys::ScanKeyData {
    let strategy = match order {
        Order::NewestFirst => pg_sys::BTLessStrategyNumber,
        Order::OldestFirst => pg_sys::BTGreaterStrategyNumber,
    } as pg_sys::StrategyNumber;
    let [time, id] = values;
    let members = [
        (0, column, pg_sys::TIMESTAMPTZOID, pg_sys::F_TIMESTAMPTZ_CMP, time),
        (pg_sys::SK_ROW_END, column + 1, pg_sys::UUIDOID, pg_sys::F_UUID_CMP, id),
    ];
    // SAFETY: the caller promises that `place` can be written to; zero is a valid ScanKeyData. Members are given the function of the index that
    // compares, for columns of this type, which needs no collation.
    unsafe {
        let first = (&raw mut (*place).members).cast::<pg_sys::ScanKeyData>();
        for (number, (flags, column, kind, compare, value)) in members.into_iter().enumerate() {
            let member = first.add(number);
            member.write(std::mem::zeroed());
            let flags = (pg_sys::SK_ROW_MEMBER | flags) as i32;
            let none = pg_sys::InvalidOid;
            pg_sys::ScanKeyEntryInitialize(member, flags, column, strategy, kind, none, compare.into(), value);
        }
        let mut header: pg_sys::ScanKeyData = std::mem::zeroed();
        header.sk_flags = pg_sys::SK_ROW_HEADER as i32;
        header.sk_attno = column;
        header.sk_strategy = strategy;
        header.sk_argument = pg_sys::Datum::from(first);
        header
    }
}
