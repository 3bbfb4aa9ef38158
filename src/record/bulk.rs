//! `insert_audit_events(p_events)`: a JSON array of events, all or nothing.
//!
//! The array is read in its binary form. An error tells the index of the element (from 0) and the key.

use audit_core::event::element::{BulkError, Element};
use uuid::Uuid;

use super::batch;
use super::context::Context;
use super::draft::Draft;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::jsonb::{self, Jsonb};
use crate::pg::memory::Scratch;
use crate::pg::rows::Rows;
use crate::pg::{array, datum};
use crate::storage::Storage;

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut ids = Rows::of(call)?;
    let document = Jsonb::of(call.datum(0).ok_or(BulkError::NotAnArray)?);
    let array = document.root().filter(|root| root.is_array()).ok_or(BulkError::NotAnArray)?;
    let request = Draft::of_request();
    let scratch = Scratch::new();
    batch::store_together(|batch| {
        array.elements().enumerate().try_for_each(|(index, element)| {
            scratch.run(|| {
                let given = Element::read(element).map_err(|problem| BulkError::Element { index, problem })?;
                let (key, given) = (given.idempotency_key, Draft::of(&given));
                let (draft, context) = (given.completed_from(&request), Context::of_element(index));
                let id = match key {
                    None => batch.add(&draft, &storage, context)?,
                    Some(key) => batch.add_with_key(datum::from_text(key), &given, &draft, &storage, context)?,
                };
                ids.push(&[Some(id)]);
                Ok(())
            })
        })
    })?;
    Ok(Answer::Nothing)
}

impl Draft<'static> {
    fn of(element: &Element) -> Draft<'static> {
        let uuid = |id: &Option<Uuid>| id.as_ref().map(datum::from_uuid);
        Draft {
            action_type: element.action_type.map(datum::from_text),
            resource_type: element.resource_type.map(datum::from_text),
            resource_id: uuid(&element.resource_id),
            workspace_id: uuid(&element.workspace_id.map(Uuid::from)),
            created_by_user_id: uuid(&element.created_by_user_id.map(Uuid::from)),
            old_values: element.old_values.map(jsonb::of_value),
            new_values: element.new_values.map(jsonb::of_value),
            ip_address: element.ip_address.map(|network| datum::from_inet(network.address, network.bits)),
            user_agent: element.user_agent.map(datum::from_text),
            request_id: element.request_id.map(datum::from_text),
            tags: element.tags.as_ref().map(|tags| array::from_texts(tags.iter().copied())),
            metadata: element.metadata.map(jsonb::of_value),
            created_at: element.created_at,
        }
    }
}
