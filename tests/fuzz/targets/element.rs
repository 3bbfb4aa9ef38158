//! An element of `p_events`: any object with some of the keys that are known, and any bytes at all.
#![no_main]

use audit_core::event::element::Element;
use audit_core::jsonb::Stored;
use audit_core::jsonb::read::StoredValue;
use fuzz::model::{Model, Shelf};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

const KEYS: [&str; 14] = [
    "action_type",
    "resource_type",
    "resource_id",
    "workspace_id",
    "created_by_user_id",
    "old_values",
    "new_values",
    "ip_address",
    "user_agent",
    "request_id",
    "tags",
    "metadata",
    "created_at",
    "other",
];

fuzz_target!(|bytes: &[u8]| {
    let _ = Element::read(StoredValue::Container(Stored::by_postgres(bytes)));
    let _ = known_keys(&mut Unstructured::new(bytes));
});

fn known_keys(bytes: &mut Unstructured) -> Result<()> {
    let mut fields = std::collections::BTreeMap::new();
    while !bytes.is_empty() && fields.len() < 40 {
        let prefix = if bytes.ratio(1, 4)? { "p_" } else { "" };
        fields.insert(format!("{prefix}{}", bytes.choose(&KEYS)?).into_bytes(), value(bytes)?);
    }
    let has_other = fields.keys().any(|key| key.ends_with(b"other"));
    let twice = fields.keys().any(|key| fields.contains_key(&[&b"p_"[..], key].concat()));
    let container = Model::Object(fields.clone()).stored(&Shelf::default());
    match Element::read(StoredValue::Container(container.stored())) {
        Err(problem) => assert!(fields.contains_key(problem.key.expect("an object was given").as_bytes())),
        Ok(element) => {
            assert!(!has_other && !twice);
            let given = |key: &str| {
                let found = fields.get(key.as_bytes()).or_else(|| fields.get(format!("p_{key}").as_bytes()));
                found.is_some_and(|value| *value.bare() != Model::Null)
            };
            assert_eq!(element.action_type.is_some(), given("action_type"));
            assert_eq!(element.resource_id.is_some(), given("resource_id"));
            assert_eq!(element.ip_address.is_some(), given("ip_address"));
            assert_eq!(element.tags.is_some(), given("tags"));
            assert_eq!(element.metadata.is_some(), given("metadata"));
            assert_eq!(element.created_at.is_some(), given("created_at"));
            assert!(element.created_at.is_none_or(|time| time.unix().is_some()));
        }
    }
    Ok(())
}

/// Anything, or what some key asks for.
fn value(bytes: &mut Unstructured) -> Result<Model> {
    let text = |text: &str| Model::Text(text.as_bytes().to_vec());
    Ok(match bytes.int_in_range(0..=5)? {
        0 => text("0190a1b2-c3d4-7e5f-8a6b-0123456789ab"),
        1 => text("203.0.113.7/24"),
        2 => text("2026-01-31T12:00:00.123456+02:00"),
        3 => Model::Array(vec![text("security"), Model::Null]),
        4 => Model::Text(bytes.arbitrary::<&str>()?.as_bytes().to_vec()),
        _ => Model::any(bytes, 3)?,
    })
}
