//! Who may remove events: the one place that can say yes, and the value it says it with.
//!
//! [`super::purge`] and erasure demand a value of [`Authorised`], and only this module makes one, after everything that could
//! stand in the way has been looked at: authority and ticket, the policy, holds. The locks that keep these answers true
//! until the end of the transaction are taken first.

use pgrx::pg_sys::Datum;
use uuid::Uuid;

use crate::archive::run::AUTHORITY as RETENTION_AUTHORITY;
use crate::error::Error;
use crate::hold::{self, Hold};
use crate::pg::{clock, datum};
use crate::retention::terms::{Kept, Terms};
use crate::retention::terms_of;
use crate::storage::Storage;
use crate::turns;

/// Under which law or rule events are removed, and the ticket of the approval.
#[derive(Clone, Debug)]
pub struct Grounds {
    authority: String,
    ticket: String,
}

impl Grounds {
    /// Neither may be missing or blank, and the archive's own authority is its own.
    pub fn parse(authority: Option<String>, ticket: Option<String>) -> Result<Grounds, Error> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let wrong = |name, problem: &str, hint: &str| Error::Argument {
            name,
            problem: problem.to_owned(),
            hint: hint.to_owned(),
        };
        let authority = given(authority).ok_or_else(|| {
            wrong(
                "p_authority",
                "must not be empty",
                "Name the law or rule that demands it, for example 'GDPR' or 'CCPA'.",
            )
        })?;
        if authority.trim().eq_ignore_ascii_case(RETENTION_AUTHORITY) {
            return Err(wrong(
                "p_authority",
                "RETENTION_POLICY is reserved for the archive job",
                "Name another authority.",
            ));
        }
        let ticket = given(ticket).ok_or_else(|| {
            wrong("p_approval_ticket_id", "must not be empty", "Pass the ticket of the approval, a UUID or any text.")
        })?;
        Ok(Grounds { authority, ticket })
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn ticket(&self) -> &str {
        &self.ticket
    }
}

/// Proof that archived events of a workspace before a time may be purged.
pub struct Authorised {
    workspace: Uuid,
    before: i64,
    grounds: Grounds,
    held_users: Vec<Uuid>,
}

impl Authorised {
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    pub fn before(&self) -> i64 {
        self.before
    }

    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }

    /// Events by and about these users stay.
    pub fn held_users(&self) -> &[Uuid] {
        &self.held_users
    }
}

/// Says whether what is past its period may be purged.
pub fn purge(storage: &Storage, workspace: Datum, grounds: Grounds) -> Result<Authorised, Error> {
    turns::erase_events(storage, workspace);
    let holds = hold::in_force(storage, workspace)?;
    let (terms, _) = terms_of(storage, workspace);
    decide(&terms, &holds, clock::now()).map(|(before, held_users)| Authorised {
        workspace: datum::read_uuid(workspace),
        before,
        grounds,
        held_users,
    })
}

fn decide(terms: &Terms, holds: &[Hold], now: i64) -> Result<(i64, Vec<Uuid>), Error> {
    if let Some(hold) = holds.iter().find(|hold| hold.user.is_none()) {
        return Err(Error::Held { hold: hold.id });
    }
    let before = terms.purge_before(now).map_err(|kept| Error::Kept {
        why: match kept {
            Kept::ComplianceMode => "the workspace is in compliance mode".to_owned(),
            Kept::LeftComplianceMode { until } => {
                format!("the workspace left compliance mode, which holds for purges until {}", clock::in_words(until))
            }
        },
    })?;
    Ok((before, holds.iter().filter_map(|hold| hold.user).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds(authority: &str, ticket: &str) -> Result<Grounds, Error> {
        Grounds::parse(Some(authority.to_owned()), Some(ticket.to_owned()))
    }

    #[test]
    fn grounds_are_complete() {
        assert!(grounds("GDPR", "T-1").is_ok());
        for (authority, ticket) in
            [("", "T-1"), (" \t", "T-1"), ("GDPR", ""), ("GDPR", "  "), ("retention_policy", "T")]
        {
            assert!(matches!(grounds(authority, ticket), Err(Error::Argument { .. })), "{authority:?} {ticket:?}");
        }
        assert!(Grounds::parse(None, Some("T".into())).is_err());
        assert!(Grounds::parse(Some("GDPR".into()), None).is_err());
    }

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn what_is_past_its_period_may_go() {
        assert_eq!(decide(&Terms::DEFAULT, &[], 1000 * DAY), Ok((635 * DAY, vec![])));
    }

    #[test]
    fn a_hold_on_the_workspace_and_compliance_mode_refuse() {
        let hold = Hold { id: Uuid::from_u128(9), user: None };
        assert_eq!(decide(&Terms::DEFAULT, &[hold], 0), Err(Error::Held { hold: hold.id }));
        let compliance = Terms { is_compliance_mode: true, ..Terms::DEFAULT };
        assert!(matches!(decide(&compliance, &[], 0), Err(Error::Kept { .. })));
    }

    #[test]
    fn a_hold_on_a_user_keeps_their_events_only() {
        let user = Uuid::from_u128(3);
        let holds = [Hold { id: Uuid::nil(), user: Some(user) }];
        assert_eq!(decide(&Terms::DEFAULT, &holds, 1000 * DAY), Ok((635 * DAY, vec![user])));
    }
}
