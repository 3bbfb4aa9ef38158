//! Rows of a simulated trail, as PostgreSQL sends them.

use audit_cold_row::{COLUMNS, Column, Row};
use audit_evidence::field::Field;
use uuid::Uuid;

use crate::simulated::Event;

/// The fields of a row, as PostgreSQL sends them.
pub type Fields = [Option<Vec<u8>>; COLUMNS];

/// 2026-10-26 12:00:00, in microseconds since 2000.
pub const NOON: i64 = 846_331_200_000_000;

const LEAF: [(Field, Column); 11] = [
    (Field::Id, Column::Id),
    (Field::CreatedByUserId, Column::CreatedByUserId),
    (Field::ActionType, Column::ActionType),
    (Field::ResourceType, Column::ResourceType),
    (Field::ResourceId, Column::ResourceId),
    (Field::WorkspaceId, Column::WorkspaceId),
    (Field::OldValues, Column::OldValues),
    (Field::NewValues, Column::NewValues),
    (Field::UserAgent, Column::UserAgent),
    (Field::Metadata, Column::Metadata),
    (Field::RequestId, Column::RequestId),
];

pub fn fields(event: &Event) -> Fields {
    let (columns, key) = event.row.as_ref().expect("a row");
    let mut fields: Fields = Default::default();
    let mut set = |column: Column, value: Vec<u8>| fields[column as usize] = Some(value);
    for (field, column) in LEAF {
        let Some(text) = columns.get(&field) else { continue };
        match column {
            Column::OldValues | Column::NewValues | Column::Metadata => set(column, [&[1], text.as_bytes()].concat()),
            _ => match text.parse::<Uuid>() {
                Ok(id) => set(column, id.as_bytes().to_vec()),
                Err(_) => set(column, text.as_bytes().to_vec()),
            },
        }
    }
    let (_, fraction) = columns[&Field::CreatedAt].split_once('.').expect("a fraction");
    let fraction: i64 = fraction.trim_end_matches("+00").parse().expect("a number");
    set(Column::CreatedAt, (NOON + fraction).to_be_bytes().to_vec());
    if columns.contains_key(&Field::ChangedFields) {
        let head: Vec<u8> = [1_i32, 0, 25, 1, 1, 4].iter().flat_map(|number| number.to_be_bytes()).collect();
        set(Column::ChangedFields, [&head[..], b"name"].concat());
    }
    if let Some(address) = columns.get(&Field::IpAddress) {
        let octets = address.parse::<std::net::Ipv4Addr>().expect("an address").octets();
        set(Column::IpAddress, [&[2, 32, 0, 4][..], &octets].concat());
    }
    set(Column::SealKey, key.clone());
    set(Column::SealXid, 7_i64.to_be_bytes().to_vec());
    fields
}

pub fn canonical(rows: &[Fields]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for fields in rows {
        Row::new(std::array::from_fn(|place| fields[place].as_deref())).write(&mut bytes);
    }
    bytes
}
