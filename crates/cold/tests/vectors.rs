//! The canonical rows that the extension and `audit-verify` have alike go through a file of the program.

use audit_cold::file::{Hash, Object, Reader, Writer};
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

fn decoded(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn rows_that_all_have_alike_come_back_byte_for_byte() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cold/vectors.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows: Vec<u8> = vectors["rows"].as_array().unwrap().iter().flat_map(|row| decoded(&row["canonical"])).collect();
    let chunk = &vectors["chunk"];
    assert_eq!(Hash::of(&rows).to_string(), chunk["sha256"].as_str().unwrap());
    let object = Object {
        id: Uuid::from_u128(7),
        replaces: None,
        workspace_id: vectors["workspace"].as_str().unwrap().parse().unwrap(),
        month: vectors["month"].as_str().unwrap().to_owned(),
        evidence: None,
    };
    let mut writer = Writer::new(Vec::new(), object).unwrap();
    writer.write_chunk(rows.clone()).unwrap();
    let (file, manifest) = writer.finish().unwrap();
    let [written] = &manifest.chunks[..] else { panic!("one chunk") };
    assert_eq!(
        (written.events as u64, written.bytes as u64),
        (chunk["events"].as_u64().unwrap(), chunk["bytes"].as_u64().unwrap())
    );
    assert_eq!(written.sha256.to_string(), chunk["sha256"].as_str().unwrap());
    assert_eq!(Reader::new(Bytes::from(file)).unwrap().chunk(0).unwrap(), rows);
}
