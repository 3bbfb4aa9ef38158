//! `reapply_audit_deletions()`: deletions of a journal ([`super::journal`]) are carried out again, in a database that was restored from a backup made before them.
//!
//! An element vouches for itself: its id is made of its content, and the content has the digest of its list ([`audit_evidence::journal`]). Only events of the list are
//! taken, and only those that the deletion is about and that are not younger than its cutoff. It is logged under its own id, and an event vouches for it as for the
//! first time; so a second run knows it.
//!
//! Locks are taken for all workspaces before the first change, in the order of [`super::person`].

use std::collections::HashSet;
use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::DELETION_LOG;
use audit_core::deletion::authorised::{self, Again, Authorised, Standing};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::requested::OFFBOARDING;
use audit_core::deletion::voucher;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::month::Month;
use audit_core::tier::Tier;
use audit_core::time::{Span, Timestamp};
use audit_evidence::deletion::Operation;
use audit_evidence::journal::{self, Deletion, Malformed};
use serde_json::{Value, json};
use uuid::Uuid;

use super::list::Writing;
use super::removal::Removal;
use super::{authorise, log, offboard};
use crate::cluster;
use crate::cold::order;
use crate::error::Error;
use crate::interlock;
use crate::partition::leaves;
use crate::permit::Purpose;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::rows::Rows;
use crate::pg::{datum, jsonb, parameter, role, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

/// `reapply_audit_deletions(p_journal, p_authority, p_approval_ticket_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut answer = Rows::of(call)?;
    let grounds = Grounds::parse(call.text(1), call.text(2), None)?;
    let journal = read(call)?;
    let mut workspaces: Vec<WorkspaceId> = journal.iter().map(|element| element.workspace).collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    cluster::log::enter(&storage)?;
    interlock::erase_events_of_all(&storage, &workspaces)?;
    order::lock_live_of_all(&storage, &workspaces)?;
    for element in &journal {
        let (outcome, count) = element.reapply(&storage, &grounds)?;
        let [outcome, count] = [datum::from_text(outcome.as_bytes()), datum::from_int8(count as i64)];
        answer.push(&[Some(datum::from_uuid(&element.deletion.entry.id())), Some(outcome), Some(count)]);
    }
    Ok(Answer::Nothing)
}

/// An element of the journal.
struct Element {
    index: usize,
    deletion: Deletion,
    workspace: WorkspaceId,
    subject: Option<UserId>,
    ids: HashSet<Uuid>,
}

fn malformed(index: usize, Malformed(problem): Malformed) -> Argument {
    Argument::new("p_journal")
        .problem(format!("cannot be carried out: element {index}: {problem}"))
        .hint("Pass an array of the lines that export_audit_deletions() wrote, as they are. Nothing was deleted.")
}

fn read(call: &Call) -> Result<Vec<Element>, Argument> {
    let none = Argument::new("p_journal")
        .problem("must be a JSON array")
        .hint("Pass an array of the lines that export_audit_deletions() wrote: jsonb_agg(line::jsonb) makes one.");
    let parsed = call.datum(0).and_then(|journal| serde_json::from_slice::<Value>(jsonb::printed(journal)).ok());
    let Some(Value::Array(elements)) = parsed else { return Err(none) };
    let elements = elements.into_iter().enumerate();
    elements.map(|(index, element)| Element::read(index, element).map_err(|wrong| malformed(index, wrong))).collect()
}

/// What a deletion is, as the log has it now.
struct Logged {
    list: Option<Uuid>,
    at: Timestamp,
    cutoff: Option<Timestamp>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Logged {
    /// The months from the oldest to the newest of its events.
    fn months(&self) -> Vec<Month> {
        let newest = self.newest.and_then(Month::of);
        let oldest = self.oldest.and_then(Month::of);
        std::iter::successors(oldest, |month| month.plus(1)).take_while(|month| Some(*month) <= newest).collect()
    }
}

impl Element {
    fn read(index: usize, element: Value) -> Result<Element, Malformed> {
        let deletion = Deletion::read(element)?;
        let workspace = deletion.entry.workspace().map(WorkspaceId).ok_or(Malformed("its entry has no workspace"))?;
        let subject = deletion.entry.text("subject_user_id").and_then(|id| Uuid::parse_str(id).ok()).map(UserId);
        let ids = journal::ids(&deletion.listed).collect();
        Ok(Element { index, deletion, workspace, subject, ids })
    }

    /// The outcome, and how many events were taken.
    fn reapply(&self, storage: &Rc<Storage>, grounds: &Grounds) -> Result<(&'static str, u64), Error> {
        let id = self.deletion.entry.id();
        if super::journal::entry(storage, id).is_some() {
            return Ok(("known", 0));
        }
        let facts = authorise::facts(storage, self.workspace)?;
        let concerns = |users: &[UserId]| self.concerns(storage, users);
        let is_owner = role::has_rights_of(role::outer_user(), storage.owner);
        let authorised = match authorised::again(&facts, self.what(), grounds.clone(), is_owner, concerns) {
            Ok(authorised) => authorised,
            Err(Standing::Held) => return Ok(("held", 0)),
            Err(Standing::Kept) => return Ok(("kept", 0)),
        };
        // A file goes as a whole, and an entry tells that all of its events are gone.
        if self.subject.is_none() && order::is_shared(storage, self.workspace, &self.ids) {
            return Ok(("kept", 0));
        }
        let Some(logged) = self.log(storage)? else { return Ok(("known", 0)) };
        let count = self.carry_out(storage, &authorised, &logged)?;
        Ok(("reapplied", count))
    }

    fn what(&self) -> Again {
        match self.subject {
            Some(user) => Again::Erasure { user, about: self.is_about() },
            None if self.is_offboarding() => Again::Offboarding { before: self.before() },
            None => Again::Purge { before: self.before() },
        }
    }

    fn is_offboarding(&self) -> bool {
        self.deletion.entry.text("kind") == Some(OFFBOARDING)
    }

    fn is_about(&self) -> bool {
        self.deletion.entry.flag("include_events_about_user").unwrap_or(false)
    }

    /// All that a purge took is older. Without a cutoff, its newest event says it.
    fn before(&self) -> Timestamp {
        let limit = ["cutoff", "newest_event_at"].into_iter().find_map(|column| self.deletion.entry.text(column));
        let parsed = limit.and_then(|limit| {
            spi::find_row_with("SELECT $1::timestamptz", &[parameter::text(limit)], |row| row.time(1))
        });
        parsed.map_or(Timestamp::PAST, |cutoff| cutoff + Span::microseconds(1))
    }

    /// Whether an event of the list is by or about one of these users.
    fn concerns(&self, storage: &Storage, users: &[UserId]) -> bool {
        let parameters = [
            parameter::uuid(self.workspace),
            parameter::uuids(self.ids.iter().copied()),
            parameter::uuids(users.iter().copied()),
        ];
        Tier::ALL.iter().any(|tier| {
            let values = [("table", storage.qualified(tier.table()))];
            spi::count_with(&storage.fill(include_str!("../../sql/deletion/held_again.sql"), &values), &parameters) > 0
        })
    }

    /// Logs it under its own id, with its list. None: somebody else has done so meanwhile.
    fn log(&self, storage: &Rc<Storage>) -> Result<Option<Logged>, Error> {
        let id = self.deletion.entry.id();
        let _owner = Acting::as_owner(storage.owner);
        let sql = storage.fill(include_str!("../../sql/deletion/log_again.sql"), &[]);
        let columns = self.deletion.entry.canonical();
        let parameters = [parameter::uuid(id), parameter::text(&columns), parameter::bool(!self.ids.is_empty())];
        let permit = storage.writing(DELETION_LOG)?;
        let logged = spi::find_row_with(&sql, &parameters, |row| {
            Some(Logged {
                list: row.uuid(1),
                at: row.time(2)?,
                cutoff: row.time(3),
                oldest: row.time(4),
                newest: row.time(5),
            })
        });
        drop(permit);
        let Some(logged) = logged else { return Ok(None) };
        if super::journal::entry(storage, id).is_none_or(|(entry, _)| entry != self.deletion.entry) {
            let odd = Malformed("its entry has columns or values that the deletion log does not");
            return Err(malformed(self.index, odd).into());
        }
        if let Some(list) = logged.list {
            let mut writing = Writing::of(storage, list);
            self.deletion.listed.iter().try_for_each(|event| writing.add(*event))?;
            writing.finish()?;
        }
        Ok(Some(logged))
    }

    /// Takes the events, and records what was done.
    fn carry_out(&self, storage: &Rc<Storage>, authorised: &Authorised<Again>, logged: &Logged) -> Result<u64, Error> {
        let id = self.deletion.entry.id();
        let mut removal = Removal::of_list();
        match *authorised.what() {
            // The whole of an erasure in all workspaces is carried out by its parts.
            Again::Erasure { .. } if self.is_whole() => (),
            Again::Erasure { user, about } => {
                let cold = order::erasure(storage, self.workspace)?;
                self.take(storage, &mut removal, logged, Purpose::Erase { workspace: self.workspace, user, about })?;
                cold.order(storage, id, about)?;
            }
            Again::Purge { before } | Again::Offboarding { before } => {
                let mut cold = order::purge(storage, self.workspace)?;
                // Before the rows go: those on loan from these files go with the others.
                cold.take_listed(storage, &self.ids, &mut removal)?;
                self.take(storage, &mut removal, logged, Purpose::Remove { workspace: self.workspace, before })?;
                cold.order(storage, id, &removal.months())?;
                // What somebody else took here before may be in files that are to be removed.
                order::await_condemned(storage, self.workspace, &logged.months(), id)?;
                if self.is_offboarding() {
                    offboard::tell(storage, self.workspace, &self.deletion.entry, logged.at)?;
                }
            }
        }
        log::write_months(storage, id, removal.tallies())?;
        self.record(storage, authorised.grounds(), removal.total())?;
        Ok(removal.total())
    }

    fn is_whole(&self) -> bool {
        self.workspace.0.is_nil() && self.ids.is_empty() && self.deletion.entry.text("parent_id").is_none()
    }

    /// Of each partition that may hold what the deletion took.
    fn take(&self, storage: &Storage, removal: &mut Removal, logged: &Logged, purpose: Purpose) -> Result<(), Error> {
        let (Some(oldest), Some(newest)) = (logged.oldest, logged.newest) else { return Ok(()) };
        let entry = &self.deletion.entry;
        let cutoff = logged.cutoff.map_or(newest, |cutoff| cutoff.min(newest));
        let by = entry.text("deleted_by_user_id").and_then(|id| Uuid::parse_str(id).ok());
        let (workspace, ids) = (parameter::uuid(self.workspace), parameter::uuids(self.ids.iter().copied()));
        let (statement, parameters) = match self.deletion.operation {
            Operation::Erasure => (
                include_str!("../../sql/deletion/erase_again.sql"),
                vec![
                    workspace,
                    parameter::uuid(self.subject.map(Uuid::from)),
                    parameter::bool(self.is_about()),
                    ids,
                    parameter::time(cutoff),
                    parameter::time(logged.at),
                    parameter::uuid(by),
                    parameter::text_or_null(entry.text("deletion_reason")),
                ],
            ),
            _ => (
                include_str!("../../sql/deletion/purge_again.sql"),
                vec![workspace, ids, parameter::time(cutoff), parameter::texts(voucher::ACTIONS)],
            ),
        };
        for leaf in Tier::ALL.into_iter().flat_map(|tier| leaves::over(storage, tier, oldest, newest)) {
            removal.run(purpose, &leaf.name, &storage.fill(statement, &[("leaf", leaf.name.clone())]), &parameters)?;
        }
        Ok(())
    }

    /// The event that vouches for the entry, as for the first time, and the one that tells who did it again.
    fn record(&self, storage: &Rc<Storage>, grounds: &Grounds, count: u64) -> Result<(), Error> {
        let entry = &self.deletion.entry;
        let details = json!({
            "authority": entry.text("deletion_authority"),
            "approval_ticket_id": entry.text("approval_ticket_id"),
            "event_count": entry.count(),
            "oldest_event_at": entry.text("oldest_event_at"),
            "newest_event_at": entry.text("newest_event_at"),
        });
        log::vouch(storage, entry, self.workspace, &details)?;
        let told = json!({
            "authority": grounds.authority(),
            "approval_ticket_id": grounds.ticket(),
            "event_count": count,
        });
        system_event::record(
            storage,
            &SystemEvent {
                action_type: "AUDIT_DELETION_REAPPLIED",
                resource_type: DELETION_LOG,
                resource_id: Some(entry.id()),
                workspace_id: Some(datum::from_uuid(&self.workspace.0)),
                old_values: None,
                new_values: Some(jsonb::from_serde(&told)),
            },
        )
    }
}
