use serde_json::json;

use super::*;

const WORKSPACE: &str = "00000000-0000-4000-8000-000000000001";
const OBJECT: &str = "00000000-0000-4000-8000-000000000002";
const EVENT: &str = "00000000-0000-7000-8000-00000000000a";
const LATER: &str = "00000000-0000-7000-8000-00000000000b";

fn manifest() -> Value {
    let columns: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    json!({
        "format": 1, "object": OBJECT, "replaces": null, "workspace": WORKSPACE, "month": "2026-01", "columns": columns,
        "chunks": [
            {"events": 65536, "bytes": 33_554_432, "sha256": "0a".repeat(32)},
            {"events": 4, "bytes": 512, "sha256": "ff".repeat(32)},
        ],
        "tool": "audit-cold version 0.1.0", "evidence": null, "event_count": 65540,
        "first": {"created_at": "2026-01-01T00:00:00Z", "id": EVENT},
        "last": {"created_at": "2026-01-31T23:59:59.999999Z", "id": LATER},
        "file_bytes": 4_000_000, "file_sha256": "00".repeat(32),
    })
}

/// With one value changed; the path is one of a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = manifest();
    *manifest.pointer_mut(pointer).unwrap() = value;
    manifest
}

fn unfit(manifest: &Value) -> String {
    Manifest::parse(manifest).map_or_else(|unfit| unfit.field, |_| "fits".to_owned())
}

#[test]
fn what_the_program_says_of_a_file_is_understood() {
    let read = Manifest::parse(&manifest()).unwrap();
    assert_eq!(read.chunks.iter().map(|chunk| chunk.events).collect::<Vec<_>>(), [65536, 4]);
    assert_eq!((read.chunks[0].sha256, read.chunks[1].sha256), ([10; 32], [255; 32]));
    assert_eq!(read.month, Month::new(2026, 1).unwrap());
    assert_eq!(read.first.created_at, read.month.start());
    assert_eq!((read.replaces, read.evidence), (None, Value::Null));
    let successor = Manifest::parse(&with("/replaces", json!(EVENT))).unwrap();
    assert_eq!(successor.replaces, Some(Uuid::parse_str(EVENT).unwrap()));
}

#[test]
fn each_field_is_demanded_and_no_other_is_taken() {
    for field in FIELDS {
        let mut without = manifest();
        without.as_object_mut().unwrap().remove(field);
        assert_eq!(unfit(&without), field, "left out");
        assert_eq!(
            unfit(&with(&format!("/{field}"), json!({"payload": 1}))),
            match field {
                "first" | "last" => format!("another field in {field}"),
                _ => field.to_owned(),
            }
        );
    }
    let mut more = manifest();
    more["payload"] = json!("secret");
    assert_eq!(unfit(&more), "another field in the document");
    let chunk = json!([{"events": 65540, "bytes": 1, "sha256": "00".repeat(32), "rows": "secret"}]);
    assert_eq!(unfit(&with("/chunks", chunk)), "another field in chunks[0]");
    for odd in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(unfit(&odd), WHOLE);
    }
}

#[test]
fn a_wrong_value_is_named_by_its_place() {
    for (pointer, value, place) in [
        ("/format", json!(2), "format"),
        ("/format", json!(1.5), "format"),
        ("/object", json!(OBJECT.replace('-', "")), "object"),
        ("/workspace", json!("all"), "workspace"),
        ("/month", json!("2026-13"), "month"),
        ("/month", json!("2026-1"), "month"),
        ("/month", json!("+026-01"), "month"),
        ("/columns/0", json!("payload"), "columns"),
        ("/columns", json!([]), "columns"),
        ("/chunks", json!([]), "chunks"),
        ("/chunks/1/events", json!(0), "chunks[1].events"),
        ("/chunks/0/events", json!(65537), "chunks[0].events"),
        ("/chunks/0/events", json!(-1), "chunks[0].events"),
        ("/chunks/0/bytes", json!(1e300), "chunks[0].bytes"),
        ("/chunks/0/bytes", json!(33_554_433), "chunks[0].bytes"),
        ("/chunks/0/sha256", json!("0A".repeat(32)), "chunks[0].sha256"),
        ("/chunks/1/sha256", json!("ff".repeat(31)), "chunks[1].sha256"),
        ("/tool", json!(""), "tool"),
        ("/tool", json!("a\u{1b}[2J"), "tool"),
        ("/evidence", json!(7), "evidence"),
        ("/event_count", json!(65541), "event_count"),
        ("/event_count", json!(5_000_001), "event_count"),
        ("/first/created_at", json!("2026-02-01T00:00:00Z"), "first.created_at"),
        ("/first/created_at", json!("2026-01-01T00:00:00.0000001Z"), "first.created_at"),
        ("/first/created_at", json!("2026-01-01T02:00:00+01:00"), "first.created_at"),
        ("/last/id", json!(null), "last.id"),
        ("/last", json!({"created_at": "2026-01-01T00:00:00Z", "id": EVENT}), "last"),
        ("/file_bytes", json!(0), "file_bytes"),
        ("/file_sha256", json!("zz".repeat(32)), "file_sha256"),
    ] {
        assert_eq!(unfit(&with(pointer, value.clone())), place, "{value}");
    }
}

#[test]
fn one_event_is_first_and_last() {
    let mut one = with("/chunks", json!([{"events": 1, "bytes": 268_435_456, "sha256": "00".repeat(32)}]));
    one["event_count"] = json!(1);
    assert_eq!(unfit(&one), "last");
    one["last"] = one["first"].clone();
    assert_eq!(unfit(&one), "fits");
}

#[test]
fn chunks_of_a_successor_may_be_longer_than_an_export_cuts_them() {
    let mut successor = with("/replaces", json!(EVENT));
    for (bytes, outcome) in [(33_554_433, "fits"), (805_306_368, "fits"), (805_306_369, "chunks[0].bytes")] {
        *successor.pointer_mut("/chunks/0/bytes").unwrap() = json!(bytes);
        assert_eq!(unfit(&successor), outcome, "{bytes}");
    }
}

#[test]
fn a_manifest_of_another_object_is_told_by_what_differs() {
    let read = Manifest::parse(&manifest()).unwrap();
    let (object, workspace) = (read.object, read.workspace);
    let other = Uuid::from_u128(99);
    let differs = |object, replaces, workspace, month| {
        read.demand_object(object, replaces, workspace, month).map_or_else(|unfit| unfit.field, |()| "fits".to_owned())
    };
    assert_eq!(differs(object, None, workspace, read.month), "fits");
    assert_eq!(differs(other, None, workspace, read.month), "object");
    assert_eq!(differs(object, Some(other), workspace, read.month), "replaces");
    assert_eq!(differs(object, None, WorkspaceId(other), read.month), "workspace");
    assert_eq!(differs(object, None, workspace, read.month.plus(1).unwrap()), "month");
}

#[test]
fn what_is_wrong_is_told_without_what_was_given() {
    let mut secret = manifest();
    secret["secret"] = json!("secret");
    secret["tool"] = json!("secret\n");
    let told = format!("{:?}", Manifest::parse(&secret).unwrap_err().report());
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn a_text_that_is_no_manifest_is_told_by_the_field() {
    let text = manifest().to_string();
    assert_eq!(Manifest::read(Some(&text)), Manifest::parse(&manifest()));
    let deep = "[".repeat(1000) + &"]".repeat(1000);
    for (field, value, place) in [
        ("event_count", "65540", "fits"),
        ("event_count", "1e400", "event_count"),
        ("event_count", &"9".repeat(400), "event_count"),
        ("chunks", r#"[{"events": -1e999}]"#, "chunks"),
        ("tool", &deep, "tool"),
        ("secret", "1e400", "another field in the document"),
    ] {
        let mut parts = manifest();
        parts.as_object_mut().unwrap().remove(field);
        let text = parts.to_string().replacen('{', &format!("{{\"{field}\": {value}, "), 1);
        let told = Manifest::read(Some(&text)).map_or_else(|unfit| unfit.field, |_| "fits".to_owned());
        assert_eq!(told, place, "{text}");
    }
    for text in [None, Some("[1e400]"), Some("7"), Some("{")] {
        assert_eq!(Manifest::read(text).map_err(|unfit| unfit.field), Err(WHOLE.to_owned()), "{text:?}");
    }
}
