//! The legal grounds of a removal: authority, ticket of the approval, reason.

use crate::argument::{self, Argument};

/// The authority of what the archive job does; nobody else may use it.
pub const RETENTION_POLICY: &str = "RETENTION_POLICY";
/// The authority of `audit_adopt_events()`, likewise.
pub const ADOPTION: &str = "ADOPTION";

/// The authorities that nobody names, and who has them.
const RESERVED: [(&str, &str); 2] = [(RETENTION_POLICY, "the archive job"), (ADOPTION, "audit_adopt_events()")];

/// Every erased event carries the reason, or the authority where none is given, and a chunk of cold storage has up to 65,536 events.
const MOST_BYTES: usize = 10_000;

fn demand_short(name: &'static str, text: &str) -> Result<(), Argument> {
    match text.len() {
        ..=MOST_BYTES => Ok(()),
        _ => Err(Argument::new(name)
            .problem(format!("must not be longer than {MOST_BYTES} bytes"))
            .hint("Say it shortly, and refer to a document for the rest.")),
    }
}

/// A reason need not be given.
pub fn parse_reason(reason: Option<String>) -> Result<Option<String>, Argument> {
    let reason = argument::optional("p_reason", reason)?;
    demand_short("p_reason", reason.as_deref().unwrap_or_default())?;
    Ok(reason)
}

/// Under which law or rule events are removed, the ticket of the approval, and why.
#[derive(Clone, Debug)]
pub struct Grounds {
    authority: String,
    ticket: String,
    reason: Option<String>,
}

/// An authority must be named, and it must not be a reserved one.
pub fn parse_authority(authority: Option<String>) -> Result<String, Argument> {
    const HINT: &str = "Name the law or rule that demands it, for example 'GDPR' or 'CCPA'.";
    let authority = argument::required("p_authority", authority, HINT)?;
    demand_short("p_authority", &authority)?;
    match RESERVED.iter().find(|(reserved, _)| authority.trim().eq_ignore_ascii_case(reserved)) {
        Some((reserved, holder)) => Err(Argument::new("p_authority")
            .problem(format!("{reserved} is reserved for {holder}"))
            .hint("Name another authority.")),
        None => Ok(authority),
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
        Ok(Grounds { authority, ticket, reason: parse_reason(reason)? })
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn ticket(&self) -> &str {
        &self.ticket
    }

    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The reason, or at least the authority.
    pub fn in_words(&self) -> String {
        self.reason.clone().unwrap_or_else(|| format!("removed under {}", self.authority))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds(authority: &str, ticket: &str) -> Result<Grounds, Argument> {
        Grounds::parse(Some(authority.to_owned()), Some(ticket.to_owned()), None)
    }

    #[test]
    fn grounds_are_complete() {
        assert!(grounds("GDPR", "T-1").is_ok());
        for (authority, ticket) in
            [("", "T-1"), (" \t", "T-1"), ("GDPR", ""), ("GDPR", "  "), ("retention_policy", "T"), (" Adoption ", "T")]
        {
            assert!(grounds(authority, ticket).is_err(), "{authority:?} {ticket:?}");
        }
        assert!(Grounds::parse(None, Some("T".into()), None).is_err());
        assert!(Grounds::parse(Some("GDPR".into()), None, None).is_err());
    }

    #[test]
    fn what_every_erased_event_carries_is_short() {
        let long = |length| Some("ß".repeat(length / 2));
        let ticket = || Some("T".to_owned());
        assert!(Grounds::parse(long(MOST_BYTES), ticket(), long(MOST_BYTES)).is_ok());
        assert!(Grounds::parse(long(MOST_BYTES + 2), ticket(), None).is_err());
        assert!(Grounds::parse(Some("GDPR".into()), ticket(), long(MOST_BYTES + 2)).is_err());
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
}
