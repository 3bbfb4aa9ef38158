//! `export_person_audit_events()`: the answer to a person who asks what the trail knows of them, in all workspaces.
//!
//! What there is gets counted first, for the manifest and for the event that records the answer. Then events stream as in the export of a workspace, under the
//! same snapshot. Of each month only the span that the person's events lie in is read again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::deletion::grounds::Grounds;
use audit_core::event::column::Column;
use audit_core::format::{ColdMonth, Format, Lines, Manifest, PersonMonth, Summary};
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::merge::{Order, Position};
use audit_core::month::Month;
use audit_core::search::window::Window;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use serde_json::json;

use super::event::{self, Masked};
use super::kinds::Kinds;
use super::output::{self, Maker, Output};
use super::record::who;
use super::{NotRecorded, format, may_export};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::index_scan::IndexScan;
use crate::pg::memory::Scratch;
use crate::pg::role::Acting;
use crate::pg::row_source::next_row;
use crate::pg::{clock, jsonb, parameter, raise, spi, transaction};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;
use crate::trail::reader::{Hints, Query, read};

/// `p_format`.
const FORMAT: usize = 5;

/// The times of the person's first and last event of each month.
type Spans = BTreeMap<Month, (Timestamp, Timestamp)>;

/// Whose events, and how they are shown.
#[derive(Clone, Copy)]
struct Person {
    user: UserId,
    about: bool,
    masks_others: bool,
    format: Format,
}

impl Person {
    fn of(call: &Call) -> Result<Person, Argument> {
        let user = call.uuid(0).ok_or(
            Argument::new("p_user_id").problem("must not be null").hint("Pass the id of the person who asks."),
        )?;
        Ok(Person {
            user: UserId(user),
            about: call.bool(3).unwrap_or(true),
            masks_others: call.bool(4).unwrap_or(true),
            format: format(call, FORMAT)?,
        })
    }

    fn did(self, event: &IndexScan) -> bool {
        event.uuid(Column::CreatedByUserId) == Some(self.user.0)
    }

    /// By the person, or about the person; not erased.
    fn concerns(self, event: &IndexScan) -> bool {
        event.is_null(Column::DeletedAt)
            && (self.did(event) || (self.about && event.uuid(Column::ResourceId) == Some(self.user.0)))
    }

    fn write(self, event: &IndexScan, tier: Tier, kinds: &Kinds, line: &mut Vec<u8>) {
        match self.masks_others && !self.did(event) {
            true => event::write(&Masked(event), tier, self.format, kinds, line),
            false => event::write(event, tier, self.format, kinds, line),
        }
    }

    /// Counts what there is, and gives the spans of time that it lies in.
    fn look_up(self, storage: &Storage) -> (Manifest, Spans) {
        let _owner = Acting::as_owner(storage.owner);
        let parameters = [parameter::uuid(self.user), parameter::bool(self.about)];
        let count = |row: &spi::ResultRow, column| row.int8(column).unwrap_or_default() as u64;
        let month = |row: &spi::ResultRow| Some((WorkspaceId(row.uuid(1)?), Month::new(row.int4(2)?, row.int4(3)?)?));
        let found = spi::read_with(&fill(storage, include_str!("../../../sql/trail/person.sql")), &parameters, |row| {
            let ((workspace, month), oldest, newest) = (month(&row)?, row.time(7)?, row.time(8)?);
            let [event_count, by_user, archived] = [4, 5, 6].map(|column| count(&row, column));
            Some((PersonMonth { workspace, month, event_count, by_user, archived }, oldest, newest))
        });
        let cold = spi::read_with(&fill(storage, include_str!("../../../sql/trail/person_cold.sql")), &[], |row| {
            let (workspace, month) = month(&row)?;
            Some(ColdMonth { workspace, month, files: count(&row, 4), events: count(&row, 5) })
        });
        let found: Vec<_> = found.into_iter().flatten().collect();
        let mut spans = Spans::new();
        for (PersonMonth { month, .. }, oldest, newest) in &found {
            let (since, until) = spans.entry(*month).or_insert((*oldest, *newest));
            (*since, *until) = ((*oldest).min(*since), (*newest).max(*until));
        }
        let manifest = Manifest {
            user: self.user,
            includes_events_about_user: self.about,
            masks_others: self.masks_others,
            months: found.iter().map(|(month, ..)| *month).collect(),
            cold: cold.into_iter().flatten().collect(),
            exported_at: clock::now(),
        };
        (manifest, spans)
    }

    /// Records the answer before its first line: it is there where the reader stops early. It is an event about the person, under the nil workspace.
    fn record(self, storage: &Rc<Storage>, grounds: &Grounds, manifest: &Manifest) -> Result<(), Error> {
        let told = json!({
            "authority": grounds.authority(),
            "approval_ticket_id": grounds.ticket(),
            "format": self.format.name(),
            "includes_events_about_user": self.about,
            "others_are_masked": self.masks_others,
            "event_count": manifest.event_count(),
            "about_user": manifest.about_user(),
            "workspace_count": manifest.workspace_count(),
            "cold_file_count": manifest.cold_files(),
        });
        raise::log(format!("audit events of person {} are exported as {} by {}", self.user, self.format.name(), who()));
        system_event::record(
            storage,
            &SystemEvent {
                action_type: "AUDIT_ACCESS_REQUEST_ANSWERED",
                resource_type: "user",
                resource_id: Some(self.user.0),
                workspace_id: None,
                old_values: None,
                new_values: Some(jsonb::from_serde(&told)),
            },
        )
    }
}

fn fill(storage: &Storage, sql: &str) -> String {
    storage.fill(sql, &[])
}

struct PersonExport {
    person: Person,
    /// What is left to read.
    spans: Spans,
    summary: Summary,
    behind: Option<Position>,
}

impl Maker for PersonExport {
    fn make(&mut self, call: &Call, lines: &mut Lines) -> Result<bool, Error> {
        let storage = Storage::of(call)?;
        while let Some((month, (oldest, newest))) = self.spans.first_key_value().map(|(month, span)| (*month, *span)) {
            self.read_span(&storage, Window::through(oldest, newest), lines)?;
            if lines.is_enough() {
                return Ok(false);
            }
            self.spans.remove(&month);
        }
        output::add(lines, self.person.format.end(&self.summary));
        Ok(true)
    }
}

impl PersonExport {
    fn begin(call: &Call) -> Result<Output<PersonExport>, Error> {
        let storage = Storage::of(call)?;
        let person = Person::of(call)?;
        let grounds = Grounds::parse(call.text(1), call.text(2), None)?;
        may_export(&storage, None)?;
        if transaction::is_read_only() {
            return Err(NotRecorded.into());
        }
        let (manifest, spans) = person.look_up(&storage);
        person.record(&storage, &grounds, &manifest)?;
        let summary = Summary {
            event_count: 0,
            workspace: None,
            window: Window::from(Timestamp::PAST),
            exported_at: manifest.exported_at,
            last_event: None,
        };
        let mut lines = Lines::default();
        output::add(&mut lines, person.format.manifest(&manifest));
        output::add(&mut lines, person.format.header());
        Ok(Output::of(PersonExport { person, spans, summary, behind: None }, lines, false))
    }

    /// Makes lines of the events of a span, until there are enough of them.
    fn read_span(&mut self, storage: &Storage, window: Window, lines: &mut Lines) -> Result<(), Error> {
        let (scratch, person) = (Scratch::new(), self.person);
        let kinds = Kinds::of(storage, person.format);
        let query = Query {
            workspace: None,
            hints: Hints::default(),
            window,
            order: Order::OldestFirst,
            behind: self.behind,
            admits: &|event| person.concerns(event),
        };
        read(storage, &query, |scan, position, tier| {
            lines.push(|line| scratch.run(|| person.write(scan, tier, &kinds, line)));
            self.behind = Some(position);
            self.summary.last_event = Some(position.1);
            self.summary.event_count += 1;
            if lines.is_enough() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}

/// `export_person_audit_events(p_user_id, p_authority, p_approval_ticket_id, p_include_events_about_user, p_mask_others, p_format)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    next_row(call, || PersonExport::begin(call))
}
