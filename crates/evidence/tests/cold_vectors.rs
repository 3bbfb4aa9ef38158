//! The canonical rows that the extension has alike (`tests/golden/sql/cold_vectors.sql`): printed, they are what PostgreSQL prints, and make the leaves that
//! a second implementation made.

use audit_cold_row::{Column, Row, Rows, print};
use audit_evidence::field::{Field, Values};
use audit_evidence::hash::Hash;
use audit_evidence::leaf::LeafMaker;
use audit_evidence::verify::leaf_of;
use serde_json::Value;

const COLUMNS: [(&str, Column); 20] = [
    ("id", Column::Id),
    ("created_at", Column::CreatedAt),
    ("created_by_user_id", Column::CreatedByUserId),
    ("action_type", Column::ActionType),
    ("resource_type", Column::ResourceType),
    ("resource_id", Column::ResourceId),
    ("workspace_id", Column::WorkspaceId),
    ("old_values", Column::OldValues),
    ("new_values", Column::NewValues),
    ("changed_fields", Column::ChangedFields),
    ("ip_address", Column::IpAddress),
    ("user_agent", Column::UserAgent),
    ("request_id", Column::RequestId),
    ("tags", Column::Tags),
    ("metadata", Column::Metadata),
    ("deleted_at", Column::DeletedAt),
    ("deleted_by_user_id", Column::DeletedByUserId),
    ("deletion_reason", Column::DeletionReason),
    ("seal_key", Column::SealKey),
    ("seal_xid", Column::SealXid),
];

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cold/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn rows_are_printed_as_postgresql_prints_them_and_make_their_leaves() {
    let vectors = vectors();
    let (mut maker, mut all) = (LeafMaker::new(), Vec::new());
    for vector in vectors["rows"].as_array().unwrap() {
        let canonical = bytes(&vector["canonical"]);
        let (row, rest) = Row::split_from(&canonical).unwrap();
        assert!(rest.is_empty());
        let text = |column| row.get(column).map(|field| print(column, field).expect("a value").into_owned());
        let texts = COLUMNS.map(|(_, column)| text(column));
        for ((name, _), text) in COLUMNS.iter().zip(&texts) {
            assert_eq!(text.as_deref(), vector["columns"][name].as_str(), "{name} of {}", vector["columns"]["id"]);
        }
        assert!(COLUMNS.iter().zip(Field::ALL).all(|((name, _), field)| *name == field.name()));
        let values = Values(std::array::from_fn(|place| texts[place].as_deref()));
        let leaf = leaf_of(&mut maker, &values, row.get(Column::SealKey)).ok().map(|(leaf, _)| leaf.to_hex());
        assert_eq!(leaf.as_deref(), vector["leaf"].as_str());
        all.extend(canonical);
    }
    assert_eq!(Rows::new(&all).count() as u64, vectors["chunk"]["events"].as_u64().unwrap());
    assert_eq!(Hash::of(&all).to_hex(), vectors["chunk"]["sha256"].as_str().unwrap());
}
