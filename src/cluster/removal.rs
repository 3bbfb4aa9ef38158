//! An erasure or purge on all nodes. The client's node asks the others how many events it will be for each, removes its own, and tells the log; every node must remove just
//! as many as it said. What came in between is counted again, three times at most.

use std::cell::Cell;
use std::collections::BTreeSet;

use audit_core::deletion::authorised::Erasure;
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::person::PersonErasure;
use audit_core::deletion::requested::{OFFBOARDING, PERSON, Requested};
use audit_core::ids::{UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ClusterError;
use super::{Removed, log, node};
use crate::error::Error;
use crate::pg::raised::{self, Raised};
use crate::pg::role::Acting;
use crate::pg::transaction::Stretch;
use crate::pg::{citus, parameter, quote, spi, subtransaction};
use crate::storage::Storage;

pub const VERB: &str = "remove";
/// Asks for the terms, and not for how many events they are.
pub const TERMS_ALONE: &str = "terms_alone";
const ATTEMPTS: usize = 3;

thread_local! {
    /// When events were removed last.
    static REMOVED: Cell<Option<Stretch>> = const { Cell::new(None) };
}

/// What is removed from a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Erasure {
        user: UserId,
        about: bool,
    },
    Purge,
    /// In all workspaces but those that are held on any node, if held ones are skipped. The workspace is the nil UUID.
    Person {
        erasure: PersonErasure,
        left_out: Vec<WorkspaceId>,
    },
    /// All of it.
    Offboarding,
}

/// What was removed, and of an erasure in all workspaces: from which, and which were left out because they are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub done: Removed,
    pub workspaces: BTreeSet<WorkspaceId>,
    pub held: BTreeSet<WorkspaceId>,
}

impl From<Removed> for Taken {
    fn from(done: Removed) -> Taken {
        Taken { done, workspaces: BTreeSet::new(), held: BTreeSet::new() }
    }
}

/// The same as another node foretells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foretold {
    pub event_count: u64,
    pub workspaces: Vec<Uuid>,
    pub held: Vec<Uuid>,
    /// Of an erasure in all workspaces: the longest period of those concerned there.
    pub cooling_off_days: i32,
}

impl Foretold {
    pub fn of(taken: &Taken) -> Foretold {
        let ids = |workspaces: &BTreeSet<WorkspaceId>| workspaces.iter().map(|workspace| workspace.0).collect();
        let (workspaces, held) = (ids(&taken.workspaces), ids(&taken.held));
        Foretold { event_count: taken.done.count, workspaces, held, cooling_off_days: 0 }
    }
}

/// A removal that all nodes are to do.
#[derive(Clone)]
pub struct Wanted {
    pub workspace: WorkspaceId,
    pub what: What,
    pub grounds: Grounds,
    /// The request that was approved.
    pub request: Option<Uuid>,
}

impl Wanted {
    /// As the log has it.
    pub fn told(&self) -> Value {
        let (kind, user, about) = match &self.what {
            What::Erasure { user, about } => ("erasure", Some(*user), *about),
            What::Person { erasure: PersonErasure { erasure, .. }, .. } => (PERSON, Some(erasure.user), erasure.about),
            What::Purge => ("purge", None, false),
            What::Offboarding => (OFFBOARDING, None, false),
        };
        let (skip_held, left_out) = match &self.what {
            What::Person { erasure, left_out } => (erasure.skip_held, &left_out[..]),
            _ => (false, &[][..]),
        };
        json!({
            "kind": kind, "workspace_id": self.workspace.0.to_string(), "user_id": user.map(|user| user.0.to_string()), "about": about,
            "skip_held": skip_held, "left_out": left_out.iter().map(WorkspaceId::to_string).collect::<Vec<_>>(),
            "authority": self.grounds.authority(), "ticket": self.grounds.ticket(), "reason": self.grounds.reason(),
            "request": self.request.map(|id| id.to_string()),
        })
    }

    pub fn read(told: &Value) -> Result<Wanted, Error> {
        let unreadable = || ClusterError::Unreadable { ordinal: 0 };
        let id = |value: &Value| value.as_str().and_then(|id| Uuid::parse_str(id).ok());
        let uuid = |name: &str| id(&told[name]);
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        let user = || uuid("user_id").map(UserId).ok_or_else(unreadable);
        let about = told["about"] == true;
        let what = match told["kind"].as_str().unwrap_or_default() {
            "erasure" => What::Erasure { user: user()?, about },
            "purge" => What::Purge,
            OFFBOARDING => What::Offboarding,
            PERSON => What::Person {
                erasure: PersonErasure { erasure: Erasure::of(user()?, about), skip_held: told["skip_held"] == true },
                left_out: told["left_out"].as_array().into_iter().flatten().filter_map(id).map(WorkspaceId).collect(),
            },
            _ => return Err(unreadable().into()),
        };
        Ok(Wanted {
            workspace: uuid("workspace_id").map(WorkspaceId).ok_or_else(unreadable)?,
            what,
            grounds: Grounds::parse(text("authority"), text("ticket"), text("reason"))?,
            request: uuid("request"),
        })
    }

    /// Whether a request asks for this.
    pub fn is_asked_for_by(&self, workspace: WorkspaceId, asked_for: &Requested) -> bool {
        let is_same = match (&self.what, asked_for) {
            (What::Erasure { user, about }, Requested::Erasure(erasure)) => {
                (*user, *about) == (erasure.user, erasure.about)
            }
            (What::Person { erasure, .. }, Requested::Person(asked)) => erasure == asked,
            (What::Purge, Requested::Purge) | (What::Offboarding, Requested::Offboarding) => true,
            _ => false,
        };
        is_same && self.workspace == workspace
    }

    fn leaves_out(&self, held: &BTreeSet<WorkspaceId>) -> bool {
        match &self.what {
            What::Person { left_out, .. } => held.iter().all(|workspace| left_out.contains(workspace)),
            _ => true,
        }
    }

    fn leave_out(&mut self, held: BTreeSet<WorkspaceId>) {
        if let What::Person { left_out, .. } = &mut self.what {
            *left_out = left_out.iter().copied().chain(held).collect::<BTreeSet<_>>().into_iter().collect();
        }
    }
}

/// Does it `here` and on all other nodes of the cluster; gives the sum, and the entry of this node. Without a cluster: here.
pub fn everywhere(
    storage: &Storage,
    wanted: &Wanted,
    mut here: impl FnMut() -> Result<Removed, Error>,
) -> Result<Removed, Error> {
    Ok(taken_everywhere(storage, wanted.clone(), |_| here().map(Taken::from))?.done)
}

/// The same of what is [`Taken`]. `here` is told what is wanted: workspaces that are held on any node are left out on all.
pub fn taken_everywhere(
    storage: &Storage,
    mut wanted: Wanted,
    mut here: impl FnMut(&Wanted) -> Result<Taken, Error>,
) -> Result<Taken, Error> {
    if !super::is_enabled(storage) {
        return here(&wanted);
    }
    log::enter(storage)?;
    log::demand_all_applied(storage)?;
    // What it removed on other nodes is locked there until it commits, also from those who count.
    if REMOVED.get().is_some_and(Stretch::is_now) {
        return Err(ClusterError::RemovedAlready.into());
    }
    demand_present(storage)?;
    let mut attempt = 1;
    loop {
        match once(storage, &wanted, &mut here) {
            Ok(Attempt::Done(taken)) => {
                REMOVED.set(Some(Stretch::now()));
                return Ok(taken);
            }
            Ok(Attempt::Failed(error)) => return Err(error),
            // More are held each time, so this ends.
            Ok(Attempt::Held(held)) => wanted.leave_out(held),
            Err(error) if attempt < ATTEMPTS && error.is(ClusterError::CAME_IN_MEANWHILE) => attempt += 1,
            Err(error) => error.raise(),
        }
    }
}

/// A node that is gone with its trail is retired first: what it has would not be removed, and nobody would be told.
fn demand_present(storage: &Storage) -> Result<(), ClusterError> {
    let _owner = Acting::as_owner(storage.owner);
    match node::gone(storage)?.first() {
        Some(group) => Err(ClusterError::Gone { group: *group }),
        None => Ok(()),
    }
}

/// What each other node would remove, by its group.
fn foretold(storage: &Storage, told: &Value) -> Result<Vec<(i32, Foretold)>, Error> {
    let _owner = Acting::as_owner(storage.owner);
    let told = quote::literal(&told.to_string());
    let query = format!("SELECT {}({told}::pg_catalog.text)", storage.qualified("audit_cluster_count"));
    let read = |(node, answer): (citus::Node, String)| match serde_json::from_str(&answer) {
        Ok(foretold) => Ok((node.group, foretold)),
        Err(_) => Err(ClusterError::NoAnswer { node: node.name(), reason: answer }.into()),
    };
    node::ask_others(&query)?.into_iter().map(read).collect()
}

/// The longest cooling-off period that other nodes know of, for what it concerns there.
pub fn longest_cooling_off(storage: &Storage, wanted: &Wanted) -> Result<i32, Error> {
    if !super::is_enabled(storage) {
        return Ok(0);
    }
    let mut told = wanted.told();
    told[TERMS_ALONE] = json!(true);
    let days = foretold(storage, &told)?.into_iter().map(|(_, foretold)| foretold.cooling_off_days);
    Ok(days.max().unwrap_or(0))
}

/// How doing it went.
enum Attempt {
    Done(Taken),
    /// These are held on some node, and not all nodes left them out.
    Held(BTreeSet<WorkspaceId>),
    Failed(Error),
}

/// What it did here is undone, together with what the other nodes did, unless it is done.
fn once(
    storage: &Storage,
    wanted: &Wanted,
    here: &mut impl FnMut(&Wanted) -> Result<Taken, Error>,
) -> Result<Attempt, Raised> {
    let mut attempt = Attempt::Failed(ClusterError::Unreadable { ordinal: 0 }.into());
    raised::catch(|| {
        subtransaction::attempt(|| {
            attempt = here(wanted).and_then(|taken| tell(storage, wanted, taken)).unwrap_or_else(Attempt::Failed);
            matches!(attempt, Attempt::Done(_))
        })
    })?;
    Ok(attempt)
}

/// Has the other nodes do what was done here.
fn tell(storage: &Storage, wanted: &Wanted, mut taken: Taken) -> Result<Attempt, Error> {
    let (told, here) = (wanted.told(), taken.done);
    let mut expected = Map::from_iter([(citus::group().to_string(), json!(here.count))]);
    for (group, node) in foretold(storage, &told)? {
        expected.insert(group.to_string(), json!(node.event_count));
        taken.done.count += node.event_count;
        taken.workspaces.extend(node.workspaces.into_iter().map(WorkspaceId));
        taken.held.extend(node.held.into_iter().map(WorkspaceId));
    }
    if !wanted.leaves_out(&taken.held) {
        return Ok(Attempt::Held(taken.held));
    }
    log::append(storage, VERB, &told, Some(Value::Object(expected)), Some(here))?;
    Ok(Attempt::Done(taken))
}

/// What each node of the cluster says of the deletion that is this entry here: group, entry, number of events. None if it was of this node alone.
pub fn on_all_nodes(storage: &Storage, entry: Uuid) -> Result<Option<Value>, Error> {
    if !super::is_enabled(storage) {
        return Ok(None);
    }
    let _owner = Acting::as_owner(storage.owner);
    let of_entry = storage.fill(include_str!("../../sql/cluster/logged.sql"), &[]);
    let Some(id) = spi::find_row_with(&of_entry, &[parameter::uuid(entry)], |row| row.uuid(1)) else {
        return Ok(None);
    };
    let query = storage.fill(include_str!("../../sql/cluster/removed.sql"), &[("id", quote::literal(&id.to_string()))]);
    let of_node = |(node, answer): (citus::Node, String)| {
        let mut told: Value = serde_json::from_str(&answer).unwrap_or_default();
        told["node_group"] = json!(node.group);
        told
    };
    let mut told: Vec<Value> = node::ask_all(&query)?.into_iter().map(of_node).collect();
    // Their trails are kept elsewhere, or lost: what is there was not removed.
    let retired = node::registered(storage)?.into_iter().filter(|node| node.is_retired);
    told.extend(retired.map(|node| json!({ "node_group": node.group, "is_retired": true })));
    told.extend(node::gone(storage)?.into_iter().map(|group| json!({ "node_group": group, "is_gone": true })));
    Ok(Some(Value::Array(told)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_again() {
        let grounds = Grounds::parse(Some("GDPR".into()), Some("T-1".into()), Some("because".into())).ok().unwrap();
        let (workspace, request) = (WorkspaceId(Uuid::from_u128(1)), Some(Uuid::from_u128(3)));
        let user = UserId(Uuid::from_u128(2));
        let person = PersonErasure { erasure: Erasure::of(user, true), skip_held: true };
        let left_out = vec![WorkspaceId(Uuid::from_u128(4))];
        for what in [
            What::Erasure { user, about: true },
            What::Purge,
            What::Person { erasure: person, left_out },
            What::Offboarding,
        ] {
            let wanted = Wanted { workspace, what, grounds: grounds.clone(), request };
            let read = Wanted::read(&wanted.told()).ok().unwrap();
            assert_eq!((read.workspace, &read.what, read.request), (workspace, &wanted.what, request));
            assert_eq!(read.told(), wanted.told());
        }
        assert!(Wanted::read(&json!({})).is_err());
    }

    #[test]
    fn what_is_held_on_any_node_is_left_out_on_all() {
        let grounds = Grounds::parse(Some("GDPR".into()), Some("T-1".into()), None).ok().unwrap();
        let [one, two] = [1, 2].map(|number| WorkspaceId(Uuid::from_u128(number)));
        let erasure = PersonErasure { erasure: Erasure::of(UserId(Uuid::from_u128(3)), false), skip_held: true };
        let what = What::Person { erasure, left_out: vec![] };
        let mut wanted = Wanted { workspace: WorkspaceId(Uuid::nil()), what, grounds, request: None };
        for (held, were_left_out) in [(vec![], true), (vec![two], false), (vec![one, two], false), (vec![one], true)] {
            let held = BTreeSet::from_iter(held);
            assert_eq!(wanted.leaves_out(&held), were_left_out, "{held:?}");
            wanted.leave_out(held);
        }
    }
}
