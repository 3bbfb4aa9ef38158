//! `audit_cluster_retire(p_group, p_reason)`: says of a node that is gone where its trail is kept.

use std::rc::Rc;

use audit_core::argument;
use uuid::Uuid;

use super::enable::tell;
use crate::cluster::error::ClusterError;
use crate::cluster::node::Registered;
use crate::cluster::{self, log, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::{clock, parameter, raise, spi};
use crate::principal::Principal;
use crate::storage::Storage;

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
        Step::Wait => return Err(ClusterError::RetirementWaits { group }.into()),
    }
    Ok(Answer::Nothing)
}

/// The node that is gone. Another one may have taken its group: a server that was upgraded by pg_upgrade or made anew.
fn gone(storage: &Storage, group: i32) -> Result<Registered, ClusterError> {
    let answers = node::systems();
    let known: Vec<Registered> =
        node::registered(storage)?.into_iter().filter(|node| node.group == group && !node.is_retired).collect();
    let is_silent = answers.iter().any(|(node, system)| node.group == group && system.is_none());
    let is_present =
        |system| answers.iter().any(|(_, answer)| *answer == Some(system)) || node::own_system() == Some(system);
    let is_in_use = is_silent || known.iter().any(|node| is_present(node.system));
    match known.into_iter().find(|node| !is_silent && !is_present(node.system)) {
        Some(gone) => Ok(gone),
        None if is_in_use || answers.iter().any(|(node, _)| node.group == group) => {
            Err(ClusterError::NotGone { group })
        }
        None => Err(ClusterError::NoSuchNode { group }),
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
    spi::first_row(&sql, |row| row.bool(1)).unwrap_or(true)
}

fn requests(storage: &Storage, node: &Registered) -> Vec<Asked> {
    let values = [parameter::int8(node.system), parameter::time(clock::now())];
    let sql = storage.fill(include_str!("../../sql/cluster/retirement_requests.sql"), &[]);
    let read = |row: spi::ResultRow| Some(Asked { id: row.uuid(1)?, role: row.text(2)? });
    spi::rows_with(&sql, &values, read).into_iter().flatten().collect()
}

fn ask(storage: &Rc<Storage>, node: &Registered, principal: &Principal, reason: &str) -> Result<(), Error> {
    let values = [
        parameter::uuid(cluster::new_id()),
        parameter::int8(node.system),
        parameter::int4(node.group),
        parameter::time(clock::now()),
        parameter::uuid(principal.id),
        parameter::text(&principal.role),
        parameter::text(reason),
    ];
    spi::count_with(&storage.fill(include_str!("../../sql/cluster/request_retirement.sql"), &[]), &values);
    let told = serde_json::json!({ "group": node.group, "reason": reason });
    tell(storage, "AUDIT_CLUSTER_RETIREMENT_REQUESTED", &told)?;
    raise::notice(format!(
        "the node of group {} is retired when another compliance officer calls audit_cluster_retire() within 30 days",
        node.group
    ));
    Ok(())
}

fn retire(storage: &Rc<Storage>, node: &Registered, principal: &Principal, reason: &str) -> Result<(), Error> {
    let values = [
        parameter::uuid(cluster::new_id()),
        parameter::int8(node.system),
        parameter::int4(node.group),
        parameter::time(clock::now()),
        parameter::text(&principal.role),
        parameter::text(reason),
    ];
    spi::count_with(&storage.fill(include_str!("../../sql/cluster/retire.sql"), &[]), &values);
    tell(storage, "AUDIT_CLUSTER_NODE_RETIRED", &serde_json::json!({ "group": node.group, "reason": reason }))
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
