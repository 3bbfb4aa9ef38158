//! The conditions that an event must meet.

use std::borrow::Cow;

use uuid::Uuid;

use super::action::ActionPattern;
use super::text::SearchedText;
use crate::event::column::Column;
use crate::network::Network;

/// Some actors, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actors(Vec<Uuid>);

impl Actors {
    pub fn new(mut actors: Vec<Uuid>) -> Actors {
        actors.sort_unstable();
        actors.dedup();
        Actors(actors)
    }

    /// The actor, if there is only one.
    pub fn only(&self) -> Option<Uuid> {
        match self.0[..] {
            [actor] => Some(actor),
            _ => None,
        }
    }

    pub fn include(&self, actor: Uuid) -> bool {
        self.0.binary_search(&actor).is_ok()
    }
}

/// Each condition that is there must be met.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actors: Option<Actors>,
    pub actions: Option<Vec<ActionPattern>>,
    pub resource_types: Option<Vec<Vec<u8>>>,
    pub resource_id: Option<Uuid>,
    pub request_id: Option<Vec<u8>>,
    /// The address lies in it, or is it.
    pub network: Option<Network>,
    /// The event has all of them.
    pub tags: Option<Vec<Vec<u8>>>,
    pub changed_field: Option<Vec<u8>>,
    /// One of the documents contains the document that is searched for, which the event knows ([`Event::contains`]).
    pub contains: bool,
    pub text: Option<SearchedText>,
}

/// An event to be judged. Where there is nothing, nothing is met.
pub trait Event {
    fn is_null(&self, column: Column) -> bool;
    fn uuid(&self, column: Column) -> Option<Uuid>;
    fn bytes(&self, column: Column) -> Option<&[u8]>;
    fn network(&self) -> Option<Network>;
    /// The elements of a list that are not NULL.
    fn elements(&self, column: Column) -> Vec<&[u8]>;
    /// Whether a document contains the one that is searched for.
    fn contains(&self, column: Column) -> bool;
    /// A text, or a document as it is printed.
    fn printed(&self, column: Column) -> Option<Cow<'_, str>>;
}

/// Where documents are searched for what they contain.
const DOCUMENTS: [Column; 3] = [Column::NewValues, Column::OldValues, Column::Metadata];
/// Where a text is searched for.
const TEXTS: [Column; 4] = [Column::NewValues, Column::OldValues, Column::Metadata, Column::UserAgent];

impl Filter {
    /// Whether ids and times decide, so that nothing of an event has to be unpacked.
    pub fn asks_for_ids_only(&self) -> bool {
        let Filter {
            actors: _,
            resource_id: _,
            actions,
            resource_types,
            request_id,
            network,
            tags,
            changed_field,
            contains,
            text,
        } = self;
        actions.is_none()
            && resource_types.is_none()
            && request_id.is_none()
            && network.is_none()
            && tags.is_none()
            && changed_field.is_none()
            && !contains
            && text.is_none()
    }

    /// Whether an event is shown: it is not erased, and meets all conditions. The cheapest are asked first.
    pub fn admits(&self, event: &impl Event) -> bool {
        let is = |wanted: &Option<Vec<u8>>, column| {
            wanted.as_deref().is_none_or(|wanted| event.bytes(column) == Some(wanted))
        };
        event.is_null(Column::DeletedAt)
            && self.resource_id.is_none_or(|wanted| event.uuid(Column::ResourceId) == Some(wanted))
            && self
                .actors
                .as_ref()
                .is_none_or(|actors| event.uuid(Column::CreatedByUserId).is_some_and(|actor| actors.include(actor)))
            && self.actions.as_ref().is_none_or(|patterns| {
                event
                    .bytes(Column::ActionType)
                    .is_some_and(|action| patterns.iter().any(|pattern| pattern.fits(action)))
            })
            && self.resource_types.as_ref().is_none_or(|types| {
                event.bytes(Column::ResourceType).is_some_and(|kind| types.iter().any(|wanted| wanted == kind))
            })
            && is(&self.request_id, Column::RequestId)
            && self.network.is_none_or(|network| event.network().is_some_and(|address| network.contains(address)))
            && self.has_elements(event)
            && (!self.contains || DOCUMENTS.iter().any(|column| event.contains(*column)))
            && self.text.as_ref().is_none_or(|text| {
                TEXTS.iter().any(|column| event.printed(*column).is_some_and(|printed| text.is_in(&printed)))
            })
    }

    fn has_elements(&self, event: &impl Event) -> bool {
        let has_tags = |wanted: &Vec<Vec<u8>>| {
            let tags = event.elements(Column::Tags);
            wanted.iter().all(|wanted| tags.contains(&wanted.as_slice()))
        };
        let has_changed = |wanted: &Vec<u8>| event.elements(Column::ChangedFields).contains(&wanted.as_slice());
        self.tags.as_ref().is_none_or(has_tags) && self.changed_field.as_ref().is_none_or(has_changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Given {
        erased: bool,
        tags: Vec<&'static str>,
        contained_in: Option<Column>,
        printed: (Column, &'static str),
        address: Option<&'static str>,
    }

    /// Adds a condition that is met, or missed.
    type Change = fn(&mut Filter, bool);

    const ACTOR: Uuid = Uuid::from_u128(7);
    const RESOURCE: Uuid = Uuid::from_u128(9);

    fn given() -> Given {
        Given {
            erased: false,
            tags: vec!["red", "green"],
            contained_in: Some(Column::Metadata),
            printed: (Column::UserAgent, "Mozilla/5.0"),
            address: Some("10.1.2.3"),
        }
    }

    impl Event for Given {
        fn is_null(&self, column: Column) -> bool {
            column == Column::DeletedAt && !self.erased
        }
        fn uuid(&self, column: Column) -> Option<Uuid> {
            match column {
                Column::CreatedByUserId => Some(ACTOR),
                Column::ResourceId => Some(RESOURCE),
                _ => None,
            }
        }
        fn bytes(&self, column: Column) -> Option<&[u8]> {
            match column {
                Column::ActionType => Some(b"role.grant"),
                Column::ResourceType => Some(b"role"),
                Column::RequestId => Some(b"r-1"),
                _ => None,
            }
        }
        fn network(&self) -> Option<Network> {
            self.address.and_then(Network::parse)
        }
        fn elements(&self, column: Column) -> Vec<&[u8]> {
            match column {
                Column::Tags => self.tags.iter().map(|tag| tag.as_bytes()).collect(),
                Column::ChangedFields => vec![b"name"],
                _ => Vec::new(),
            }
        }
        fn contains(&self, column: Column) -> bool {
            self.contained_in == Some(column)
        }
        fn printed(&self, column: Column) -> Option<Cow<'_, str>> {
            (column == self.printed.0).then_some(self.printed.1.into())
        }
    }

    fn bytes(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    /// Conditions that the event meets, and the same ones missed.
    fn conditions() -> Vec<(&'static str, Filter, Filter)> {
        let with = |change: Change| {
            let (mut met, mut missed) = (Filter::default(), Filter::default());
            change(&mut met, true);
            change(&mut missed, false);
            (met, missed)
        };
        let changes: [(&'static str, Change); 9] = [
            ("actors", |filter, met| {
                filter.actors = Some(Actors::new(vec![Uuid::max(), if met { ACTOR } else { RESOURCE }, Uuid::nil()]))
            }),
            ("actions", |filter, met| {
                filter.actions =
                    Some(["x", if met { "role.*" } else { "role" }].map(|p| ActionPattern::parse(bytes(p))).into())
            }),
            ("types", |filter, met| {
                filter.resource_types = Some(vec![bytes("x"), bytes(if met { "role" } else { "Role" })])
            }),
            ("resource", |filter, met| filter.resource_id = Some(if met { RESOURCE } else { ACTOR })),
            ("request", |filter, met| filter.request_id = Some(bytes(if met { "r-1" } else { "r-" }))),
            ("network", |filter, met| filter.network = Network::parse(if met { "10.0.0.0/8" } else { "10.1.2.4" })),
            ("tags", |filter, met| filter.tags = Some(vec![bytes("green"), bytes(if met { "red" } else { "blue" })])),
            ("field", |filter, met| filter.changed_field = Some(bytes(if met { "name" } else { "nam" }))),
            ("text", |filter, met| filter.text = SearchedText::parse(if met { "mozilla" } else { "chrome" }).ok()),
        ];
        changes.into_iter().map(|(name, change)| (name, with(change).0, with(change).1)).collect()
    }

    #[test]
    fn each_condition_is_met_or_missed_by_itself() {
        assert!(Filter::default().admits(&given()));
        for (name, met, missed) in conditions() {
            assert!(met.admits(&given()), "{name}");
            assert!(!missed.admits(&given()), "{name}");
        }
        let contains = Filter { contains: true, ..Filter::default() };
        for (column, met) in [(Column::OldValues, true), (Column::NewValues, true), (Column::Tags, false)] {
            assert_eq!(contains.admits(&Given { contained_in: Some(column), ..given() }), met, "{column:?}");
        }
    }

    #[test]
    fn only_actors_and_resource_are_known_by_ids() {
        assert!(Filter::default().asks_for_ids_only());
        for (name, met, _) in conditions() {
            assert_eq!(met.asks_for_ids_only(), ["actors", "resource"].contains(&name), "{name}");
        }
        assert!(!Filter { contains: true, ..Filter::default() }.asks_for_ids_only());
    }

    #[test]
    fn one_missed_condition_is_enough() {
        let [(_, actors, _), .., (_, _, text_missed)] = &conditions()[..] else { unreachable!() };
        assert!(!Filter { text: text_missed.text.clone(), ..actors.clone() }.admits(&given()));
    }

    #[test]
    fn what_an_event_does_not_have_is_not_met() {
        let bare = Given { tags: Vec::new(), contained_in: None, address: None, ..given() };
        let conditions = conditions();
        let missed = conditions.iter().filter(|(_, met, _)| !met.admits(&bare)).map(|(name, ..)| *name);
        assert_eq!(missed.collect::<Vec<_>>(), ["network", "tags"]);
        assert!(!Filter { contains: true, ..Filter::default() }.admits(&bare));
    }

    #[test]
    fn erased_events_are_never_shown() {
        assert!(!Filter::default().admits(&Given { erased: true, ..given() }));
    }

    #[test]
    fn texts_are_looked_for_in_documents_and_the_user_agent_alone() {
        let text = Filter { text: SearchedText::parse("mozilla").ok(), ..Filter::default() };
        for column in Column::ALL {
            let found = text.admits(&Given { printed: (column, "Mozilla"), ..given() });
            assert_eq!(found, TEXTS.contains(&column), "{column:?}");
        }
    }
}
