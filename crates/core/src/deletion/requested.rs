//! What a request for deletion asks for.

use super::authorised::Erasure;
use super::person::PersonErasure;
use crate::ids::UserId;

/// The kind of what is erased in all workspaces, in requests and in the deletion log.
pub const PERSON: &str = "person_erasure";
/// The kind of what takes a whole workspace.
pub const OFFBOARDING: &str = "offboarding";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    Erasure(Erasure),
    /// In all workspaces.
    Person(PersonErasure),
    Purge,
    /// The stored cold objects of the workspace are released: their events leave PostgreSQL.
    ColdRelease,
    /// All events of the workspace are removed.
    Offboarding,
}

impl Requested {
    /// As the column `kind` has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Requested::Erasure(_) => "erasure",
            Requested::Person(_) => PERSON,
            Requested::Purge => "purge",
            Requested::ColdRelease => "cold",
            Requested::Offboarding => OFFBOARDING,
        }
    }

    /// From the columns of a request. None: a kind of a later release, or an erasure of nobody.
    pub fn parse(kind: &str, subject: Option<UserId>, about: bool, skip_held: bool) -> Option<Requested> {
        let erasure = subject.map(|user| Erasure::of(user, about));
        match kind {
            "erasure" => erasure.map(Requested::Erasure),
            PERSON => erasure.map(|erasure| Requested::Person(PersonErasure { erasure, skip_held })),
            "purge" => Some(Requested::Purge),
            "cold" => Some(Requested::ColdRelease),
            OFFBOARDING => Some(Requested::Offboarding),
            _ => None,
        }
    }

    fn erasure(&self) -> Option<&Erasure> {
        match self {
            Requested::Erasure(erasure) | Requested::Person(PersonErasure { erasure, .. }) => Some(erasure),
            Requested::Purge | Requested::ColdRelease | Requested::Offboarding => None,
        }
    }

    pub fn subject(&self) -> Option<UserId> {
        self.erasure().map(|erasure| erasure.user)
    }

    pub fn is_about_subject(&self) -> bool {
        self.erasure().is_some_and(|erasure| erasure.about)
    }

    /// Of an erasure in all workspaces: those that are held are left out.
    pub fn skips_held(&self) -> bool {
        matches!(self, Requested::Person(PersonErasure { skip_held: true, .. }))
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
        let persons = [true, false]
            .map(|skip_held| Requested::Person(PersonErasure { erasure: Erasure::of(ann, !skip_held), skip_held }));
        for asked in erasures.into_iter().chain(persons).chain([
            Requested::Purge,
            Requested::ColdRelease,
            Requested::Offboarding,
        ]) {
            let (about, skips) = (asked.is_about_subject(), asked.skips_held());
            assert_eq!(Requested::parse(asked.kind(), asked.subject(), about, skips), Some(asked));
        }
        assert_eq!(Requested::parse("erasure", None, false, false), None, "of nobody");
        assert_eq!(Requested::parse("other", Some(ann), false, false), None);
    }
}
