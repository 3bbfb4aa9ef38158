//! Erasure of a person's events in all workspaces, in one transaction: a part for each workspace, and an entry of the whole that ties them.
//!
//! All locks are taken before the first change, each kind in ascending order: the protection of the workspaces, then the movers, then the objects of cold
//! storage by their ids. So two of them, and whoever does the same in one workspace, wait for each other in a row and not in a circle.

use std::rc::Rc;

use audit_core::deletion::authorised::{Approval, Authorised, Erasure, RemovalFacts};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::person::{self, AuthorisedPerson, PersonErasure};
use audit_core::deletion::requested::PERSON;
use audit_core::ids::WorkspaceId;
use audit_core::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::authorise;
use super::log::{self, Entry, Reach};
use super::{Done, erase, user_argument};
use crate::cluster::removal::{self, Taken, Wanted, What, taken_everywhere};
use crate::cold::order;
use crate::error::Error;
use crate::interlock;
use crate::pg::call::{Answer, Call};
use crate::pg::{array, clock, datum, parameter, spi};
use crate::policy::policy_of;
use crate::storage::Storage;

/// `delete_person_audit_events(p_user_id, p_authority, p_approval_ticket_id, p_include_events_about_user, p_reason, p_skip_held)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let user = user_argument(call, 0)?;
    let grounds = Grounds::parse(call.text(1), call.text(2), call.text(4))?;
    let erasure = Erasure::of(user, call.bool(3).unwrap_or(false));
    let what = PersonErasure { erasure, skip_held: call.bool(5).unwrap_or(false) };
    let erased = on_all_nodes(&storage, &what, grounds, None, |left_out, grounds| {
        let concerned = Concerned::by(&storage, &what.erasure)?;
        execute(&storage, &what, grounds, &Approval::Direct, &concerned, left_out)
    })?;
    let held: Vec<Uuid> = erased.held.into_iter().map(Uuid::from).collect();
    Ok(call.record(&[
        Some(datum::from_int8(erased.done.count as i64)),
        Some(datum::from_uuid(&erased.done.entry)),
        Some(datum::from_int4(erased.workspaces.len() as i32)),
        Some(array::from_uuids(&held)),
    ]))
}

fn wanted(what: &PersonErasure, grounds: Grounds, request: Option<Uuid>) -> Wanted {
    let what = What::Person { erasure: what.clone(), left_out: Vec::new() };
    Wanted { workspace: WorkspaceId(Uuid::nil()), what, grounds, request }
}

/// The longest cooling-off period, in days, of a workspace that only other nodes have events of the person in.
pub fn cooling_off_elsewhere(storage: &Storage, what: &PersonErasure, grounds: Grounds) -> Result<i32, Error> {
    removal::longest_cooling_off(storage, &wanted(what, grounds, None))
}

/// Erases `here`, and on the other nodes of a cluster that acts as one. `here` is told which workspaces are held on other nodes.
pub fn on_all_nodes(
    storage: &Storage,
    what: &PersonErasure,
    grounds: Grounds,
    request: Option<Uuid>,
    mut here: impl FnMut(&[WorkspaceId], Grounds) -> Result<Taken, Error>,
) -> Result<Taken, Error> {
    let wanted = wanted(what, grounds, request);
    taken_everywhere(storage, wanted, |wanted| match &wanted.what {
        What::Person { left_out, .. } => here(left_out, wanted.grounds.clone()),
        _ => here(&[], wanted.grounds.clone()),
    })
}

/// The workspaces that an erasure concerns, whose holds and policies stay as they are until the end of the transaction.
pub struct Concerned {
    workspaces: Vec<WorkspaceId>,
}

impl Concerned {
    /// Searches all events.
    pub fn by(storage: &Storage, erasure: &Erasure) -> Result<Concerned, Error> {
        let workspaces = workspaces(storage, erasure);
        interlock::freeze_protection_of_all(storage, &workspaces)?;
        Ok(Concerned { workspaces })
    }

    /// The longest of their cooling-off periods, and the shortest time that a request waits; in days.
    pub fn terms(&self, storage: &Storage) -> Terms {
        Terms::of(storage, &self.workspaces)
    }
}

/// In ascending order.
fn workspaces(storage: &Storage, erasure: &Erasure) -> Vec<WorkspaceId> {
    let sql = storage.fill(include_str!("../../sql/deletion/concerned.sql"), &[]);
    let parameters = [parameter::uuid(erasure.user), parameter::bool(erasure.about)];
    let found = spi::find_row_as_committed(&sql, &parameters, |row| row.column(1).map(datum::read_uuids));
    found.unwrap_or_default().into_iter().map(WorkspaceId).collect()
}

/// What the policies of several workspaces say of a request that concerns them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub cooling_off_days: i32,
    pub approval_expiry_days: i32,
}

impl Terms {
    /// Those of the nil workspace where there is none else: requests of this kind are filed there.
    pub fn of(storage: &Storage, workspaces: &[WorkspaceId]) -> Terms {
        let none = [WorkspaceId(Uuid::nil())];
        let workspaces = if workspaces.is_empty() { &none[..] } else { workspaces };
        let policies = workspaces.iter().map(|workspace| policy_of(storage, *workspace));
        let terms = policies.map(|policy| Terms {
            cooling_off_days: policy.cooling_off_days,
            approval_expiry_days: policy.approval_expiry_days,
        });
        terms.reduce(Terms::stricter).expect("there is a workspace")
    }

    /// Of those that are concerned as a request is filed; nothing is locked for it.
    pub fn of_person(storage: &Storage, erasure: &Erasure) -> Terms {
        Terms::of(storage, &workspaces(storage, erasure))
    }

    fn stricter(self, other: Terms) -> Terms {
        Terms {
            cooling_off_days: self.cooling_off_days.max(other.cooling_off_days),
            approval_expiry_days: self.approval_expiry_days.min(other.approval_expiry_days),
        }
    }
}

/// Erases on this node and logs, also when there is nothing to erase; gives the entry of the whole. `left_out`: workspaces that are held on another node of the cluster.
pub fn execute(
    storage: &Rc<Storage>,
    what: &PersonErasure,
    grounds: Grounds,
    approval: &Approval,
    concerned: &Concerned,
    left_out: &[WorkspaceId],
) -> Result<Taken, Error> {
    let workspaces = &concerned.workspaces;
    interlock::erase_events_of_all(storage, workspaces)?;
    order::lock_live_of_all(storage, workspaces)?;
    let facts: Vec<RemovalFacts> =
        workspaces.iter().map(|workspace| authorise::facts(storage, *workspace)).collect::<Result<_, Error>>()?;
    let shares = |workspace, held| authorise::share_events(storage, workspace, &what.erasure, held);
    let AuthorisedPerson { parts, held } = person::decide(&facts, approval, what, &grounds, left_out, shares)?;
    erase::demand_current_view()?;
    let now = clock::now();
    let whole = log::write(storage, &whole(what, &grounds, &held, now))?;
    let mut count = 0;
    for part in &parts {
        count += erase::carry_out(storage, part, Some(whole.id()), now)?.count;
    }
    let details = json!({
        "authority": grounds.authority(),
        "approval_ticket_id": grounds.ticket(),
        "event_count": count,
        "workspace_count": parts.len(),
        "held_workspaces": held.iter().map(WorkspaceId::to_string).collect::<Vec<String>>(),
    });
    log::vouch(storage, &whole, WorkspaceId(Uuid::nil()), &details)?;
    Ok(Taken {
        done: Done { count, entry: whole.id() },
        workspaces: parts.iter().map(Authorised::workspace).collect(),
        held: held.into_iter().collect(),
    })
}

/// The entry of the whole has no list and counts nothing: its parts do.
fn whole(what: &PersonErasure, grounds: &Grounds, held: &[WorkspaceId], now: Timestamp) -> Entry {
    let Erasure { user, about, .. } = what.erasure;
    Entry {
        at: now,
        workspace: WorkspaceId(Uuid::nil()),
        subject: Some(user),
        authority: grounds.authority().to_owned(),
        reason: grounds.in_words(),
        ticket: Some(grounds.ticket().to_owned()),
        tally: None,
        is_irrevocable: true,
        list: None,
        kind: Some(PERSON),
        reach: Reach { parent: None, about: Some(about), cutoff: Some(now), held: held.to_vec() },
        by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_policy_counts() {
        let terms = |cooling_off_days, approval_expiry_days| Terms { cooling_off_days, approval_expiry_days };
        assert_eq!(terms(3, 30).stricter(terms(0, 7)), terms(3, 7));
        assert_eq!(terms(0, 30).stricter(terms(5, 40)), terms(5, 30));
    }
}
