//! What a request for deletion asks for.

use super::authorised::Erasure;
use crate::ids::UserId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    Erasure(Erasure),
    Purge,
    /// The stored cold objects of the workspace are released: their events leave PostgreSQL.
    ColdRelease,
}

impl Requested {
    /// As the column `kind` has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Requested::Erasure(_) => "erasure",
            Requested::Purge => "purge",
            Requested::ColdRelease => "cold",
        }
    }

    /// From the columns of a request. None: a kind of a later release, or an erasure of nobody.
    pub fn parse(kind: &str, subject: Option<UserId>, about: bool) -> Option<Requested> {
        match kind {
            "erasure" => subject.map(|user| Requested::Erasure(Erasure::of(user, about))),
            "purge" => Some(Requested::Purge),
            "cold" => Some(Requested::ColdRelease),
            _ => None,
        }
    }

    pub fn subject(&self) -> Option<UserId> {
        match self {
            Requested::Erasure(erasure) => Some(erasure.user),
            Requested::Purge | Requested::ColdRelease => None,
        }
    }

    pub fn is_about_subject(&self) -> bool {
        matches!(self, Requested::Erasure(Erasure { about: true, .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_asked_for_is_read_as_it_is_written() {
        let ann = UserId(Uuid::from_u128(1));
        let erasures = [true, false].map(|about| Requested::Erasure(Erasure::of(ann, about)));
        for asked in erasures.into_iter().chain([Requested::Purge, Requested::ColdRelease]) {
            assert_eq!(Requested::parse(asked.kind(), asked.subject(), asked.is_about_subject()), Some(asked));
        }
        assert_eq!(Requested::parse("erasure", None, false), None, "of nobody");
        assert_eq!(Requested::parse("other", Some(ann), false), None);
    }
}
