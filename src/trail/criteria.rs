//! The filters of a search: read from the arguments, and asked of events as they are stored.

use std::borrow::Cow;

use audit_core::argument::Argument;
use audit_core::event::column::{Column, DataType};
use audit_core::ids::WorkspaceId;
use audit_core::merge::{Order, Position};
use audit_core::network::Network;
use audit_core::search::action::{ActionPattern, indexed_names};
use audit_core::search::filter::{Actors, Event, Filter};
use audit_core::search::limit;
use audit_core::search::text::SearchedText;
use audit_core::search::window::{Reach, Window};
use pgrx::pg_sys::{TEXTOID, UUIDOID};
use uuid::Uuid;

use super::reader::{Hints, Query};
use crate::pg::call::Call;
use crate::pg::datum::{self, Datum};
use crate::pg::index_scan::IndexScan;
use crate::pg::memory::Scratch;
use crate::pg::{clock, encoding, jsonb, value};

/// The arguments that all functions of search begin with.
pub struct Criteria<'a> {
    pub workspace: Option<WorkspaceId>,
    pub window: Window,
    pub filter: Filter,
    /// The document that events are to contain.
    contained: Option<Datum<'a>>,
    /// For what is unpacked or printed of an event.
    scratch: Scratch,
}

/// The first argument behind the filters.
pub const BEHIND: usize = 13;

impl<'a> Criteria<'a> {
    /// They reach back so far where it is not said from when.
    pub fn of(call: &'a Call, reach: Reach) -> Result<Criteria<'a>, Argument> {
        let time = |index| call.datum(index).map(datum::read_time);
        let bytes = |index| call.datum(index).map(|text| datum::read_bytes(text).to_vec());
        let texts = |name, index| limit::texts(name, call.datum(index).map(elements_as_bytes));
        let contained = call.datum(11);
        let filter = Filter {
            actors: limit::list("p_user_ids", call.datum(3).map(elements_as_uuids))?.map(Actors::new),
            actions: texts("p_actions", 4)?.map(|list| list.into_iter().map(ActionPattern::parse).collect()),
            resource_types: texts("p_resource_types", 5)?,
            resource_id: call.uuid(6),
            request_id: limit::text("p_request_id", bytes(7))?,
            network: call.datum(8).and_then(datum::read_inet),
            tags: texts("p_tags", 9)?,
            changed_field: limit::text("p_changed_field", bytes(10))?,
            contains: contained.is_some(),
            text: bytes(12).map(|text| SearchedText::parse(&encoding::to_utf8(&text))).transpose()?,
        };
        Ok(Criteria {
            workspace: call.uuid(0).map(WorkspaceId),
            window: Window::of(time(1), time(2), reach, clock::now())?,
            filter,
            contained,
            scratch: Scratch::new(),
        })
    }

    /// Has what they ask for read in this order, behind a position.
    pub fn with_query<R>(&self, order: Order, behind: Option<Position>, work: impl FnOnce(&Query) -> R) -> R {
        let actions = self.filter.actions.as_deref().and_then(indexed_names);
        work(&Query {
            workspace: self.workspace,
            hints: Hints {
                resource_id: self.filter.resource_id,
                actors: self.filter.actors.as_ref(),
                actions: actions.as_deref(),
                request_id: self.filter.request_id.as_deref(),
                contained: self.contained,
            },
            window: self.window,
            order,
            behind,
            admits: &|event| self.admit(event),
        })
    }

    /// Whether an event meets them all.
    fn admit(&self, scan: &IndexScan) -> bool {
        let event = StoredEvent { scan, contained: self.contained };
        match self.filter.asks_for_ids_only() {
            true => self.filter.admits(&event),
            false => self.scratch.run(|| self.filter.admits(&event)),
        }
    }
}

fn elements_as_uuids(array: Datum) -> Vec<Option<Uuid>> {
    value::array(array, UUIDOID).elements.into_iter().map(|element| element.map(datum::read_uuid)).collect()
}

fn elements_as_bytes(array: Datum) -> Vec<Option<Vec<u8>>> {
    let elements = value::array(array, TEXTOID).elements;
    elements.into_iter().map(|element| element.map(|text| datum::read_bytes(text).to_vec())).collect()
}

/// The event that a scan moved to last.
struct StoredEvent<'a> {
    scan: &'a IndexScan,
    contained: Option<Datum<'a>>,
}

impl Event for StoredEvent<'_> {
    fn is_null(&self, column: Column) -> bool {
        self.scan.is_null(column)
    }

    fn uuid(&self, column: Column) -> Option<Uuid> {
        self.scan.uuid(column)
    }

    fn bytes(&self, column: Column) -> Option<&[u8]> {
        self.scan.bytes(column)
    }

    fn network(&self) -> Option<Network> {
        self.scan.value(Column::IpAddress).and_then(datum::read_inet)
    }

    fn elements(&self, column: Column) -> Vec<&[u8]> {
        let list = self.scan.value(column).map(|list| value::array(list, TEXTOID).elements);
        list.into_iter().flatten().flatten().map(datum::read_bytes).collect()
    }

    fn contains(&self, column: Column) -> bool {
        let document = self.scan.value(column);
        document.zip(self.contained).is_some_and(|(document, contained)| jsonb::contains(document, contained))
    }

    fn printed(&self, column: Column) -> Option<Cow<'_, str>> {
        let value = self.scan.value(column)?;
        let printed = match column.data_type() {
            DataType::Jsonb => jsonb::printed(value),
            _ => datum::read_bytes(value),
        };
        Some(encoding::to_utf8(printed))
    }
}
