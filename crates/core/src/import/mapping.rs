//! Which column of a source, or which constant, each value of an imported event comes from.
//!
//! The mapping is a JSON object. Its keys are columns of `audit_events`, and `source_id`. Its values are the name of a column of the source
//! (`"op"`, or `{"column": "op"}`) or a constant (`{"value": "ticket"}`). A column that is not mapped comes from the column of its own name, or
//! is NULL where the source has none.

use serde_json::{Map, Value};

use super::refusal::MappingError;
use crate::event::column::{Column, DataType};

/// The columns of an event that a source can give. `created_at` must be given, and so must [`SOURCE_ID`], which is no column of an event.
pub const TARGETS: [Column; 13] = [
    Column::CreatedAt,
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];
/// What an event is called in its source.
pub const SOURCE_ID: &str = "source_id";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A column of the source.
    Column(String),
    /// The same for all events, as text.
    Constant(String),
    /// The same list for all events, as JSON.
    List(String),
    Nothing,
}

/// Where the values of events come from, in the order of [`TARGETS`], and the column that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub values: Vec<(Column, Origin)>,
    pub source_id: String,
}

impl Mapping {
    /// `columns` are those of the source.
    pub fn read(mapping: &Value, columns: &[String]) -> Result<Mapping, MappingError> {
        let given = mapping.as_object().ok_or(MappingError::NotAnObject)?;
        let is_known = |key: &str| key == SOURCE_ID || TARGETS.iter().any(|target| target.name() == key);
        if let Some(key) = given.keys().find(|key| !is_known(key)) {
            return Err(MappingError::UnknownKey { key: key.clone() });
        }
        let values = TARGETS.map(|target| Ok((target, origin(given, target.name(), columns, is_list(target))?)));
        let values = values.into_iter().collect::<Result<Vec<_>, MappingError>>()?;
        if values.iter().any(|(target, origin)| *target == Column::CreatedAt && *origin == Origin::Nothing) {
            return Err(MappingError::Missing { key: Column::CreatedAt.name() });
        }
        match origin(given, SOURCE_ID, columns, false)? {
            Origin::Column(source_id) => Ok(Mapping { values, source_id }),
            _ => Err(MappingError::Missing { key: SOURCE_ID }),
        }
    }
}

fn is_list(target: Column) -> bool {
    target.data_type() == DataType::TextArray
}

fn origin(given: &Map<String, Value>, key: &str, columns: &[String], is_list: bool) -> Result<Origin, MappingError> {
    let unfit = || MappingError::Unfit { key: key.to_owned() };
    let column = |name: &str| match columns.iter().any(|column| column == name) {
        true => Ok(Origin::Column(name.to_owned())),
        false => Err(MappingError::NoSuchColumn { key: key.to_owned(), column: name.to_owned() }),
    };
    let Some(value) = given.get(key) else {
        return Ok(column(key).unwrap_or(Origin::Nothing));
    };
    match value {
        Value::String(name) => column(name),
        Value::Object(one) if one.len() == 1 => match one.iter().next() {
            Some((kind, Value::String(name))) if kind == "column" => column(name),
            Some((kind, value)) if kind == "value" => constant(value, is_list).ok_or_else(unfit),
            _ => Err(unfit()),
        },
        _ => Err(unfit()),
    }
}

fn constant(value: &Value, is_list: bool) -> Option<Origin> {
    match value {
        Value::Null => Some(Origin::Nothing),
        Value::Array(elements) if is_list => {
            elements.iter().all(Value::is_string).then(|| Origin::List(value.to_string()))
        }
        _ if is_list => None,
        Value::String(text) => Some(Origin::Constant(text.clone())),
        other => Some(Origin::Constant(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(mapping: Value) -> Result<Mapping, MappingError> {
        let columns = ["source_id", "created_at", "action_type", "op", "my \"odd\" column"].map(str::to_owned);
        Mapping::read(&mapping, &columns)
    }

    fn of(mapping: Value, target: Column) -> Origin {
        let mapping = read(mapping).unwrap();
        mapping.values.into_iter().find(|(column, _)| *column == target).unwrap().1
    }

    #[test]
    fn columns_come_from_those_of_their_name_or_of_nothing() {
        assert_eq!(of(json!({}), Column::ActionType), Origin::Column("action_type".to_owned()));
        assert_eq!(of(json!({}), Column::UserAgent), Origin::Nothing);
        assert_eq!(read(json!({})).unwrap().source_id, "source_id");
    }

    #[test]
    fn a_mapping_names_columns_and_constants() {
        for names_op in [json!({"action_type": "op"}), json!({"action_type": {"column": "op"}})] {
            assert_eq!(of(names_op, Column::ActionType), Origin::Column("op".to_owned()));
        }
        assert_eq!(
            of(json!({"resource_type": {"value": "x"}}), Column::ResourceType),
            Origin::Constant("x".to_owned())
        );
        assert_eq!(of(json!({"action_type": {"value": null}}), Column::ActionType), Origin::Nothing);
        assert_eq!(
            of(json!({"metadata": {"value": {"a": 1}}}), Column::Metadata),
            Origin::Constant("{\"a\":1}".to_owned())
        );
        assert_eq!(of(json!({"tags": {"value": ["a", "b"]}}), Column::Tags), Origin::List("[\"a\",\"b\"]".to_owned()));
        assert_eq!(read(json!({"source_id": "op"})).unwrap().source_id, "op");
        let odd = json!({"user_agent": "my \"odd\" column"});
        assert_eq!(of(odd, Column::UserAgent), Origin::Column("my \"odd\" column".to_owned()));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        assert_eq!(read(json!([])), Err(MappingError::NotAnObject));
        for key in ["id", "deleted_at", "changed_fields", "seal_xid", "acton_type"] {
            assert_eq!(read(json!({key: "op"})), Err(MappingError::UnknownKey { key: key.to_owned() }));
        }
        let gone = MappingError::NoSuchColumn { key: "action_type".to_owned(), column: "o".to_owned() };
        assert_eq!(read(json!({"action_type": "o"})), Err(gone));
        for unfit in
            [json!(1), json!({}), json!({"column": 1}), json!({"value": 1, "column": "op"}), json!({"sql": "x"})]
        {
            let refused = MappingError::Unfit { key: "action_type".to_owned() };
            assert_eq!(read(json!({"action_type": unfit})), Err(refused));
        }
        assert_eq!(read(json!({"tags": {"value": "a"}})), Err(MappingError::Unfit { key: "tags".to_owned() }));
        for constant in [json!({"source_id": {"value": "x"}}), json!({"source_id": {"value": null}})] {
            assert_eq!(read(constant), Err(MappingError::Missing { key: "source_id" }));
        }
        assert_eq!(read(json!({"created_at": {"value": null}})), Err(MappingError::Missing { key: "created_at" }));
    }
}
