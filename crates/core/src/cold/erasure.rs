//! Which events of a file an erasure takes that was ordered while they were in it.

use uuid::Uuid;

use crate::deletion::denial::Denial;
use crate::deletion::hold::Hold;
use crate::ids::UserId;

/// An erasure that an object is to be searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending<Marks> {
    /// Its entry in the deletion log.
    pub entry: Uuid,
    pub user: UserId,
    /// Also events whose resource is the person.
    pub about: bool,
    /// What it leaves in an event.
    pub marks: Marks,
}

/// What is asked of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concerned {
    pub actor: Option<Uuid>,
    pub resource: Option<Uuid>,
    pub is_erased: bool,
}

/// The first erasure, in the order in which they were ordered, that takes this event. It is refused while somebody is held whom the event concerns.
pub fn taking<'a, Marks>(
    pending: &'a [Pending<Marks>],
    event: &Concerned,
    holds: &[Hold],
) -> Result<Option<&'a Pending<Marks>>, Denial> {
    if event.is_erased {
        return Ok(None);
    }
    let is = |id: Option<Uuid>, user: UserId| id == Some(user.0);
    let takes =
        |erasure: &&Pending<Marks>| is(event.actor, erasure.user) || erasure.about && is(event.resource, erasure.user);
    let Some(erasure) = pending.iter().find(takes) else { return Ok(None) };
    let concerns = |hold: &&Hold| hold.user.is_none_or(|user| is(event.actor, user) || is(event.resource, user));
    match holds.iter().find(concerns) {
        Some(hold) => Err(Denial::Held { hold: hold.id }),
        None => Ok(Some(erasure)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);
    const FILE: Uuid = Uuid::from_u128(3);
    const HOLD: Uuid = Uuid::from_u128(9);

    fn pending(entry: u128, user: Uuid, about: bool) -> Pending<()> {
        Pending { entry: Uuid::from_u128(entry), user: UserId(user), about, marks: () }
    }

    fn event(actor: Uuid, resource: Uuid) -> Concerned {
        Concerned { actor: Some(actor), resource: Some(resource), is_erased: false }
    }

    fn taken(pending: &[Pending<()>], event: Concerned, held: &[Option<Uuid>]) -> Result<Option<u128>, Denial> {
        let holds: Vec<Hold> = held.iter().map(|user| Hold { id: HOLD, user: user.map(UserId) }).collect();
        taking(pending, &event, &holds).map(|erasure| erasure.map(|erasure| erasure.entry.as_u128()))
    }

    #[test]
    fn events_by_the_person_go_and_those_about_them_if_asked() {
        let by = [pending(1, ANN, false)];
        assert_eq!(taken(&by, event(ANN, FILE), &[]), Ok(Some(1)));
        assert_eq!(taken(&by, event(BOB, ANN), &[]), Ok(None));
        assert_eq!(taken(&by, event(BOB, FILE), &[]), Ok(None));
        assert_eq!(taken(&[pending(1, ANN, true)], event(BOB, ANN), &[]), Ok(Some(1)));
        let nobody = Concerned { actor: None, resource: None, is_erased: false };
        assert_eq!(taken(&[pending(1, ANN, true)], nobody, &[]), Ok(None));
    }

    #[test]
    fn an_event_is_erased_once_and_by_the_first_that_takes_it() {
        let both = [pending(1, BOB, true), pending(2, ANN, false)];
        assert_eq!(taken(&both, event(ANN, BOB), &[]), Ok(Some(1)));
        assert_eq!(taken(&both, event(ANN, FILE), &[]), Ok(Some(2)));
        assert_eq!(taken(&both, Concerned { is_erased: true, ..event(ANN, BOB) }, &[]), Ok(None));
    }

    #[test]
    fn what_is_held_is_not_erased() {
        let ann = [pending(1, ANN, false)];
        let held = Err(Denial::Held { hold: HOLD });
        assert_eq!(taken(&ann, event(ANN, FILE), &[None]), held);
        assert_eq!(taken(&ann, event(ANN, FILE), &[Some(ANN)]), held);
        assert_eq!(taken(&ann, event(ANN, BOB), &[Some(BOB)]), held, "by the one, about the other");
        assert_eq!(taken(&ann, event(ANN, FILE), &[Some(BOB)]), Ok(Some(1)));
        assert_eq!(taken(&ann, event(BOB, FILE), &[None]), Ok(None), "it is not to be erased");
    }
}
