//! Who may remove events: the one place that can say yes, and the value it says it with.
//!
//! [`super::erase`] and [`super::purge`] demand a value of [`Authorised`], and only this module makes one, after everything that
//! could stand in the way has been looked at: authority and ticket, approval, the policy, holds. The locks that keep these answers
//! true until the end of the transaction are taken first.

use audit_core::argument::{self, Argument};
use audit_core::deletion::denial::Denial;
use audit_core::retention::Terms;
use audit_core::tier::Tier;
use pgrx::pg_sys::{BOOLOID, UUIDOID};
use uuid::Uuid;

use super::request::Granted;
use crate::archive::run::AUTHORITY as RETENTION_AUTHORITY;
use crate::error::Error;
use crate::hold::{self, Hold};
use crate::interlock;
use crate::pg::datum::Datum;
use crate::pg::{clock, datum, spi};
use crate::policy::policy_of;
use crate::storage::Storage;

/// Under which law or rule events are removed, the ticket of the approval, and why.
#[derive(Clone, Debug)]
pub struct Grounds {
    authority: String,
    ticket: String,
    reason: Option<String>,
}

/// An authority is named, and it is not the archive's own.
pub fn parse_authority(authority: Option<String>) -> Result<String, Argument> {
    const HINT: &str = "Name the law or rule that demands it, for example 'GDPR' or 'CCPA'.";
    let authority = argument::required("p_authority", authority, HINT)?;
    match authority.trim().eq_ignore_ascii_case(RETENTION_AUTHORITY) {
        true => Err(Argument::new("p_authority")
            .problem("RETENTION_POLICY is reserved for the archive job")
            .hint("Name another authority.")),
        false => Ok(authority),
    }
}

impl Grounds {
    /// Neither authority nor ticket may be missing or blank.
    pub fn parse(
        authority: Option<String>,
        ticket: Option<String>,
        reason: Option<String>,
    ) -> Result<Grounds, Argument> {
        let authority = parse_authority(authority)?;
        const HINT: &str = "Pass the ticket of the approval, a UUID or any text.";
        let ticket = argument::required("p_approval_ticket_id", ticket, HINT)?;
        Ok(Grounds { authority, ticket, reason: argument::optional("p_reason", reason)? })
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn ticket(&self) -> &str {
        &self.ticket
    }

    /// The reason, or at least the authority.
    pub fn in_words(&self) -> String {
        self.reason.clone().unwrap_or_else(|| format!("removed under {}", self.authority))
    }
}

/// How a removal was approved.
pub enum Approval {
    /// By whoever calls, with the ticket of an approval elsewhere.
    Direct,
    /// By a request that somebody else approved.
    Granted(Granted),
}

/// The payload of one person's events.
#[derive(Clone, Debug)]
pub struct Erasure {
    pub user: Uuid,
    /// Also of events whose resource is the person.
    pub about: bool,
    /// But for those by and about these users: an event of theirs that is recorded while the erasure runs is held.
    pub held_users: Vec<Uuid>,
}

impl Erasure {
    pub fn of(user: Uuid, about: bool) -> Erasure {
        Erasure { user, about, held_users: Vec::new() }
    }
}

/// Archived events before a time, but for those by and about some users.
#[derive(Clone, Debug)]
pub struct Purge {
    pub before: i64,
    pub held_users: Vec<Uuid>,
}

/// Proof that `What` may be removed in a workspace.
pub struct Authorised<What> {
    workspace: Uuid,
    what: What,
    grounds: Grounds,
}

impl<What> Authorised<What> {
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    pub fn what(&self) -> &What {
        &self.what
    }

    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }
}

/// Whether what is past its period may be purged.
pub fn purge(
    storage: &Storage,
    workspace: Datum,
    grounds: Grounds,
    approval: Approval,
) -> Result<Authorised<Purge>, Error> {
    let (terms, holds) = look(storage, workspace, approval)?;
    let what = decide_purge(&terms, &holds, clock::now())?;
    Ok(Authorised { workspace: datum::read_uuid(workspace), what, grounds })
}

/// Whether a person's events may be erased; compliance mode is no obstacle, for this is explicit and approved.
pub fn erasure(
    storage: &Storage,
    workspace: Datum,
    what: Erasure,
    grounds: Grounds,
    approval: Approval,
) -> Result<Authorised<Erasure>, Error> {
    let (_, holds) = look(storage, workspace, approval)?;
    if let Some(hold) = holds.iter().find(|hold| hold.user.is_none_or(|user| user == what.user)) {
        return Err(Denial::Held { hold: hold.id }.into());
    }
    // A hold on somebody else concerns the events that are by the one and about the other.
    if let Some(hold) = holds.iter().find(|hold| takes_events_of(storage, workspace, &what, hold)) {
        return Err(Denial::Held { hold: hold.id }.into());
    }
    let what = Erasure { held_users: holds.iter().filter_map(|hold| hold.user).collect(), ..what };
    Ok(Authorised { workspace: datum::read_uuid(workspace), what, grounds })
}

/// Takes the locks and reads what they protect.
fn look(storage: &Storage, workspace: Datum, approval: Approval) -> Result<(Terms, Vec<Hold>), Error> {
    interlock::erase_events(storage, workspace)?;
    let policy = policy_of(storage, workspace);
    if policy.requires_approval && matches!(approval, Approval::Direct) {
        return Err(Denial::NeedsApproval.into());
    }
    Ok((policy.terms, hold::in_force(storage, workspace)?))
}

fn takes_events_of(storage: &Storage, workspace: Datum, what: &Erasure, hold: &Hold) -> bool {
    let Some(held) = hold.user else { return true };
    let uuid = |id: Uuid| (UUIDOID, Some(datum::from_uuid(&id)));
    let parameters =
        [(UUIDOID, Some(workspace)), uuid(what.user), (BOOLOID, Some(datum::from_bool(what.about))), uuid(held)];
    Tier::ALL.iter().any(|tier| {
        let values = [("table", storage.qualified(tier.table()))];
        spi::count_with(&storage.fill(include_str!("../../sql/deletion/held.sql"), &values), &parameters) > 0
    })
}

fn decide_purge(terms: &Terms, holds: &[Hold], now: i64) -> Result<Purge, Denial> {
    if let Some(hold) = holds.iter().find(|hold| hold.user.is_none()) {
        return Err(Denial::Held { hold: hold.id });
    }
    let before = terms.purge_before(now).map_err(Denial::Kept)?;
    Ok(Purge { before, held_users: holds.iter().filter_map(|hold| hold.user).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::retention::Kept;

    fn grounds(authority: &str, ticket: &str) -> Result<Grounds, Argument> {
        Grounds::parse(Some(authority.to_owned()), Some(ticket.to_owned()), None)
    }

    #[test]
    fn grounds_are_complete() {
        assert!(grounds("GDPR", "T-1").is_ok());
        for (authority, ticket) in
            [("", "T-1"), (" \t", "T-1"), ("GDPR", ""), ("GDPR", "  "), ("retention_policy", "T")]
        {
            assert!(grounds(authority, ticket).is_err(), "{authority:?} {ticket:?}");
        }
        assert!(Grounds::parse(None, Some("T".into()), None).is_err());
        assert!(Grounds::parse(Some("GDPR".into()), None, None).is_err());
    }

    #[test]
    fn a_reason_is_given_or_made_of_the_authority() {
        let with = |reason: Option<&str>| {
            Grounds::parse(Some("GDPR".into()), Some("T".into()), reason.map(str::to_owned)).unwrap().in_words()
        };
        assert_eq!(with(Some("asked by letter")), "asked by letter");
        assert_eq!(with(Some(" ")), "removed under GDPR");
        assert_eq!(with(None), "removed under GDPR");
    }

    use audit_core::time::MICROSECONDS_PER_DAY as DAY;

    #[test]
    fn what_is_past_its_period_may_go() {
        let purge = decide_purge(&Terms::DEFAULT, &[], 1000 * DAY).unwrap();
        assert_eq!((purge.before, purge.held_users), (635 * DAY, vec![]));
    }

    #[test]
    fn a_hold_on_the_workspace_and_compliance_mode_refuse() {
        let hold = Hold { id: Uuid::from_u128(9), user: None };
        assert_eq!(decide_purge(&Terms::DEFAULT, &[hold], 0).unwrap_err(), Denial::Held { hold: hold.id });
        let compliance = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        assert!(matches!(decide_purge(&compliance, &[], 0), Err(Denial::Kept(Kept::ComplianceMode))));
    }

    #[test]
    fn a_hold_on_a_user_keeps_their_events_only() {
        let user = Uuid::from_u128(3);
        let holds = [Hold { id: Uuid::nil(), user: Some(user) }];
        assert_eq!(decide_purge(&Terms::DEFAULT, &holds, 1000 * DAY).unwrap().held_users, vec![user]);
    }
}
