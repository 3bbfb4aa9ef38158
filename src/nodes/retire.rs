//! `audit_cluster_retire(p_group, p_reason)`: says of a node that is gone where its trail is kept.

use std::rc::Rc;

use audit_core::argument;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use uuid::Uuid;

use super::enable::tell;
use crate::cluster::error::ClusterError;
use crate::cluster::node::{Presence, Registered};
use crate::cluster::{self, log, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::{citus, clock, parameter, raise, spi};
use crate::principal::Principal;
use crate::storage::Storage;

/// Why a node is not retired.
pub enum NotRetired {
    InUse {
        group: i32,
    },
    /// Or it is retired.
    Unknown {
        group: i32,
    },
    /// Whoever asked for it asks again, and nobody else has.
    WaitsForAnother {
        group: i32,
    },
}

impl IntoReport for NotRetired {
    fn report(&self) -> Report {
        match self {
            NotRetired::InUse { group } => {
                Report::new(SqlState::RaiseException, format!("the node of group {group} is in pg_dist_node"))
                    .hint("A node is retired when it is gone: citus_remove_node() first.")
            }
            NotRetired::Unknown { group } => {
                Report::new(SqlState::InvalidParameterValue, format!("no node of group {group} can be retired"))
                    .hint("SELECT node_group, since, retired_at FROM audit_cluster_nodes shows them.")
                    .parameter("p_group")
            }
            NotRetired::WaitsForAnother { group } => Report::new(
                SqlState::InsufficientPrivilege,
                format!("the retirement of the node of group {group} waits for somebody else"),
            )
            .detail("The policy of a workspace has requires_approval, and the trail of a node is of all workspaces.")
            .hint("Another compliance officer calls audit_cluster_retire() for the same group."),
        }
    }
}

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let reason =
        argument::required("p_reason", call.text(1), "Say where its trail is kept, and why the node is gone.")?;
    let group = call.int4(0).unwrap_or(-1);
    let principal = Principal::acting(&storage)?;
    if !cluster::is_enabled(&storage) {
        return Err(ClusterError::NotEnabled.into());
    }
    log::demand_trusted(&storage)?;
    let _owner = Acting::as_owner(storage.owner);
    let gone = gone(&storage, group)?;
    match next_step(needs_approval(&storage), &requests(&storage, &gone), &principal) {
        Step::Retire => retire(&storage, &gone, &principal, &reason)?,
        Step::Ask => ask(&storage, &gone, &principal, &reason)?,
        Step::Wait => return Err(NotRetired::WaitsForAnother { group }.into()),
    }
    Ok(Answer::Nothing)
}

/// The node that is gone.
fn gone(storage: &Storage, group: i32) -> Result<Registered, Error> {
    let of_group = node::presence(storage)?.into_iter().filter(|(node, _)| node.group == group);
    let (gone, others): (Vec<_>, Vec<_>) = of_group.partition(|(_, presence)| *presence == Presence::Gone);
    let is_in_use = !others.is_empty() || citus::nodes().iter().any(|node| node.group == group);
    match gone.into_iter().next() {
        Some((gone, _)) => Ok(gone),
        None if is_in_use => Err(NotRetired::InUse { group }.into()),
        None => Err(NotRetired::Unknown { group }.into()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Retire,
    /// Somebody else has to say the same.
    Ask,
    /// Nobody else has yet.
    Wait,
}

/// Who has asked.
struct Asked {
    id: Uuid,
    role: String,
}

impl Asked {
    /// The id of a role is made on each node; by its name it is one person on all of them.
    fn is(&self, principal: &Principal) -> bool {
        self.id == principal.id || (principal.role_oid.is_some() && self.role == principal.role)
    }
}

fn next_step(needs_approval: bool, asked: &[Asked], who: &Principal) -> Step {
    match asked {
        _ if !needs_approval => Step::Retire,
        _ if asked.iter().any(|other| !other.is(who)) => Step::Retire,
        [] => Step::Ask,
        _ => Step::Wait,
    }
}

fn needs_approval(storage: &Storage) -> bool {
    let sql = storage.fill(include_str!("../../sql/cluster/needs_approval.sql"), &[]);
    spi::find_row(&sql, |row| row.bool(1)).unwrap_or(true)
}

fn requests(storage: &Storage, node: &Registered) -> Vec<Asked> {
    let values = [parameter::int8(node.system), parameter::time(clock::now())];
    let sql = storage.fill(include_str!("../../sql/cluster/retirement_requests.sql"), &[]);
    let read = |row: spi::ResultRow| Some(Asked { id: row.uuid(1)?, role: row.text(2)? });
    spi::rows_with(&sql, &values, read).into_iter().flatten().collect()
}

fn ask(storage: &Rc<Storage>, node: &Registered, principal: &Principal, reason: &str) -> Result<(), Error> {
    note(storage, node, principal, reason, Noted::Asked)?;
    raise::notice(format!(
        "the node of group {} is retired when another compliance officer calls audit_cluster_retire() within 30 days",
        node.group
    ));
    Ok(())
}

fn retire(storage: &Rc<Storage>, node: &Registered, principal: &Principal, reason: &str) -> Result<(), Error> {
    note(storage, node, principal, reason, Noted::Retired)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Asked,
    Retired,
}

/// Stores a row about the node, and tells of it by an event.
fn note(
    storage: &Rc<Storage>,
    node: &Registered,
    principal: &Principal,
    reason: &str,
    what: Noted,
) -> Result<(), Error> {
    let values = [
        parameter::uuid(cluster::new_id()),
        parameter::int8(node.system),
        parameter::int4(node.group),
        parameter::time(clock::now()),
        parameter::uuid(principal.id),
        parameter::text(&principal.role),
        parameter::text(reason),
        parameter::bool(what == Noted::Retired),
    ];
    spi::count_with(&storage.fill(include_str!("../../sql/cluster/retirement.sql"), &[]), &values);
    let action = match what {
        Noted::Asked => "AUDIT_CLUSTER_RETIREMENT_REQUESTED",
        Noted::Retired => "AUDIT_CLUSTER_NODE_RETIRED",
    };
    tell(storage, action, &serde_json::json!({ "group": node.group, "reason": reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_retires_alone_unless_a_policy_demands_two() {
        let of = |id, role: &str| Principal { id: Uuid::from_u128(id), role: role.into(), role_oid: Some(1.into()) };
        let asked = |id, role: &str| Asked { id: Uuid::from_u128(id), role: role.into() };
        let (ada, bob) = (of(1, "ada"), of(2, "bob"));
        assert_eq!(next_step(false, &[], &ada), Step::Retire);
        assert_eq!(next_step(true, &[], &ada), Step::Ask);
        assert_eq!(next_step(true, &[asked(1, "ada")], &ada), Step::Wait);
        assert_eq!(next_step(true, &[asked(1, "ada")], &bob), Step::Retire);
        assert_eq!(next_step(true, &[asked(1, "ada"), asked(2, "bob")], &ada), Step::Retire);
    }

    #[test]
    fn a_role_is_one_person_on_all_nodes_and_users_of_a_gateway_are_not() {
        let asked = Asked { id: Uuid::from_u128(9), role: "ada".into() };
        let ada = Principal { id: Uuid::from_u128(1), role: "ada".into(), role_oid: Some(1.into()) };
        assert!(asked.is(&ada));
        assert!(!asked.is(&Principal { role_oid: None, ..ada }));
    }
}
