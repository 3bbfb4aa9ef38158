//! What goes into a file comes out of it again, byte for byte; and nothing else is taken for a file.

use audit_cold::file::{FileError, Hash, Manifest, Object, Reader, Writer};
use audit_cold_row::{COLUMNS, Column, Erasure, MAX_CHUNK_BYTES, Row, Rows, erase};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

const WORKSPACE: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
/// 2026-01-01, in microseconds since 2000.
const MONTH: i64 = 820_540_800_000_000;

fn object() -> Object {
    Object {
        id: Uuid::from_u128(7),
        replaces: None,
        workspace_id: WORKSPACE,
        month: "2026-01".to_owned(),
        evidence: None,
    }
}

/// The fields of an event, as the server sends them.
type Fields = [Option<Vec<u8>>; COLUMNS];

/// An event with the least that every event has.
fn least(number: u32) -> Fields {
    let mut fields: Fields = Default::default();
    let mut set = |column: Column, value: &[u8]| fields[column as usize] = Some(value.to_vec());
    set(Column::Id, Uuid::from_u128(u128::from(number)).as_bytes());
    set(Column::CreatedAt, &(MONTH + i64::from(number) * 1_000_000).to_be_bytes());
    set(Column::CreatedByUserId, Uuid::from_u128(u128::from(number % 7)).as_bytes());
    set(Column::ActionType, b"update");
    set(Column::ResourceType, b"invoice");
    set(Column::WorkspaceId, WORKSPACE.as_bytes());
    fields
}

fn canonical(fields: &Fields) -> Vec<u8> {
    let mut bytes = Vec::new();
    Row::new(std::array::from_fn(|place| fields[place].as_deref())).write(&mut bytes);
    bytes
}

fn write(chunks: &[Vec<u8>]) -> Result<(Vec<u8>, Manifest), FileError> {
    let mut writer = Writer::new(Vec::new(), object())?;
    for chunk in chunks {
        writer.write_chunk(chunk.clone())?;
    }
    writer.finish()
}

fn read(file: Vec<u8>) -> Result<Vec<Vec<u8>>, FileError> {
    let reader = Reader::new(Bytes::from(file))?;
    (0..reader.chunk_count()).map(|chunk| reader.chunk(chunk)).collect()
}

fn integers(integers: &[i32]) -> Vec<u8> {
    integers.iter().flat_map(|integer| integer.to_be_bytes()).collect()
}

/// An array with dimensions of any lengths and bounds, all of whose elements are there or not.
fn array() -> impl Strategy<Value = Vec<u8>> {
    let dimensions = prop_oneof![Just(vec![]), vec((1_i32..4, prop_oneof![3 => Just(1), 1 => -2_i32..3]), 1..3)];
    (dimensions, any::<bool>(), vec(option::of(text()), 9)).prop_map(|(dimensions, claims_nulls, elements)| {
        let count =
            if dimensions.is_empty() { 0 } else { dimensions.iter().map(|(length, _)| *length as usize).product() };
        let elements = &elements[..count];
        let has_nulls = claims_nulls || elements.iter().any(Option::is_none);
        let mut field = integers(&[dimensions.len() as i32, i32::from(has_nulls), 25]);
        dimensions.iter().for_each(|(length, bound)| field.extend(integers(&[*length, *bound])));
        for element in elements {
            field.extend(integers(&[element.as_ref().map_or(-1, |element| element.len() as i32)]));
            field.extend(element.iter().flatten());
        }
        field
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just("𝄞".to_owned()), Just("E'\u{7f}'".to_owned()), Just(String::new()), ".{0,12}"]
        .prop_map(String::into_bytes)
}

fn json() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![
        Just("1e400".to_owned()),
        Just("-0".to_owned()),
        Just("1.00".to_owned()),
        Just("null".to_owned()),
        Just(r#"{"a": [1, {"b": "𝄞"}]}"#.to_owned()),
        Just(format!("\"{}\"", "x".repeat(9_000))),
    ];
    json.prop_map(|json| [&[1], json.as_bytes()].concat())
}

fn inet() -> impl Strategy<Value = Vec<u8>> {
    let v4 = (any::<[u8; 4]>(), 0_u8..=32).prop_map(|(address, bits)| [&[2, bits, 0, 4], &address[..]].concat());
    let v6 = (any::<[u8; 16]>(), 0_u8..=128).prop_map(|(address, bits)| [&[3, bits, 0, 16], &address[..]].concat());
    let compatible = any::<[u8; 4]>().prop_map(|address| [&[3, 128, 0, 16], &[0; 12][..], &address].concat());
    prop_oneof![v4, v6, compatible]
}

fn uuid() -> impl Strategy<Value = Vec<u8>> {
    any::<[u8; 16]>().prop_map(Vec::from)
}

fn event() -> impl Strategy<Value = Fields> {
    let payload = (option::of(json()), option::of(json()), option::of(array()), option::of(inet()));
    let request = (option::of(text()), option::of(text()), option::of(array()), option::of(json()));
    let time =
        prop_oneof![Just(i64::MAX), Just(i64::MIN), Just(0), any::<i64>()].prop_map(|time| time.to_be_bytes().to_vec());
    let deletion = (option::of(time), option::of(uuid()), option::of(text()));
    let seal = (option::of(vec(any::<u8>(), 0..50)), option::of(any::<[u8; 8]>().prop_map(Vec::from)));
    (option::of(uuid()), payload, request, deletion, seal).prop_map(|(resource, payload, request, deletion, seal)| {
        let mut fields = least(0);
        let mut set = |column: Column, value: Option<Vec<u8>>| fields[column as usize] = value;
        set(Column::ResourceId, resource);
        set(Column::OldValues, payload.0);
        set(Column::NewValues, payload.1);
        set(Column::ChangedFields, payload.2);
        set(Column::IpAddress, payload.3);
        set(Column::UserAgent, request.0);
        set(Column::RequestId, request.1);
        set(Column::Tags, request.2);
        set(Column::Metadata, request.3);
        set(Column::DeletedAt, deletion.0);
        set(Column::DeletedByUserId, deletion.1);
        set(Column::DeletionReason, deletion.2);
        set(Column::SealKey, seal.0);
        set(Column::SealXid, seal.1);
        fields
    })
}

/// Chunks of events in their order.
fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(event(), 1..20), 0..4).prop_map(|chunks| {
        let mut number = 0;
        let numbered = |mut fields: Fields| {
            number += 1;
            let key = least(number);
            fields[Column::Id as usize].clone_from(&key[Column::Id as usize]);
            fields[Column::CreatedAt as usize].clone_from(&key[Column::CreatedAt as usize]);
            canonical(&fields)
        };
        let mut numbered = numbered;
        chunks.into_iter().map(|events| events.into_iter().flat_map(&mut numbered).collect()).collect()
    })
}

proptest! {
    #[test]
    fn what_goes_in_comes_out_byte_for_byte(chunks in chunks()) {
        let (file, manifest) = write(&chunks).unwrap();
        prop_assert_eq!(manifest.file_bytes, file.len() as u64);
        prop_assert_eq!(manifest.file_sha256, Hash::of(&file));
        prop_assert_eq!(manifest.event_count, chunks.iter().map(|chunk| Rows::new(chunk).count()).sum::<usize>());
        for (entry, chunk) in manifest.chunks.iter().zip(&chunks) {
            prop_assert_eq!(entry.sha256, Hash::of(chunk));
            prop_assert_eq!(entry.bytes, chunk.len());
        }
        prop_assert_eq!(&write(&chunks).unwrap().0, &file, "the same rows make the same file");
        prop_assert_eq!(read(file).unwrap(), chunks);
    }

    #[test]
    fn a_changed_byte_never_gives_other_rows(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let chunk: Vec<u8> = (1..200).flat_map(|number| canonical(&least(number))).collect();
        let (mut file, manifest) = write(std::slice::from_ref(&chunk)).unwrap();
        let length = file.len();
        file[place.index(length)] ^= 1 << bit;
        prop_assert_ne!(Hash::of(&file), manifest.file_sha256);
        if let Ok(read) = read(file) {
            prop_assert_eq!(read, vec![chunk]);
        }
    }
}

#[test]
fn the_database_takes_the_manifest() {
    let (_, manifest) = write(&[[canonical(&least(1)), canonical(&least(2))].concat()]).unwrap();
    let taken = audit_core::cold::manifest::Manifest::parse(&serde_json::to_value(&manifest).unwrap()).unwrap();
    assert_eq!((taken.object, taken.event_count), (manifest.object, 2));
    assert_eq!((taken.first.id, taken.last.id), (Uuid::from_u128(1), Uuid::from_u128(2)));
}

#[test]
fn many_pages_and_a_large_value_come_back() {
    let mut chunk: Vec<u8> = (1..20_000).flat_map(|number| canonical(&least(number))).collect();
    let mut large = least(20_000);
    large[Column::NewValues as usize] = Some([&[1, b'"'], &vec![b'x'; 8 << 20][..], b"\""].concat());
    chunk.extend(canonical(&large));
    let (file, _) = write(std::slice::from_ref(&chunk)).unwrap();
    assert_eq!(read(file).unwrap(), [chunk]);
}

/// What an erasure leaves may be longer than what it takes, and the database knows the chunks of a successor by those of the object that it replaces.
#[test]
fn a_chunk_that_has_grown_by_an_erasure_stays_one() {
    let chunks = [1..40_001, 40_001..40_101].map(|numbers: std::ops::Range<u32>| {
        let mut chunk = Vec::new();
        for number in numbers {
            let event = least(number);
            let row = Row::new(std::array::from_fn(|place| event[place].as_deref()));
            let reason = [b'x'; 800];
            let at = MONTH.to_be_bytes();
            let erasure =
                Erasure { deleted_at: &at, deleted_by_user_id: None, deletion_reason: Some(&reason), seal_key: None };
            erase(row, &erasure).write(&mut chunk);
        }
        chunk
    });
    assert!(chunks[0].len() > MAX_CHUNK_BYTES);
    let (file, manifest) = write(&chunks).unwrap();
    let expected = [(40_000, chunks[0].len()), (100, chunks[1].len())];
    assert_eq!(manifest.chunks.iter().map(|chunk| (chunk.events, chunk.bytes)).collect::<Vec<_>>(), expected);
    assert!(read(file).unwrap() == chunks);
}

#[test]
fn an_event_that_is_none_of_the_object_is_refused() {
    let refused = |change: fn(&mut Fields), column: &str| {
        let mut event = least(2);
        change(&mut event);
        let chunk = [canonical(&least(1)), canonical(&event)].concat();
        match write(&[chunk]) {
            Err(FileError::Event { column: named, .. }) => assert!(named.contains(column), "{named}"),
            other => panic!("{column}: {other:?}"),
        }
    };
    refused(|event| event[Column::WorkspaceId as usize] = Some(vec![1; 16]), "workspace_id");
    refused(|event| event[Column::CreatedAt as usize] = Some((MONTH - 1).to_be_bytes().to_vec()), "created_at");
    refused(|event| *event = least(1), "created_at");
    refused(|event| event[Column::ActionType as usize] = None, "action_type");
    refused(|event| event[Column::ActionType as usize] = Some(vec![0xff]), "action_type");
    refused(|event| event[Column::CreatedByUserId as usize] = Some(vec![1]), "created_by_user_id");
}

#[test]
fn readers_find_what_they_prune_by_and_no_payload_in_the_footer() {
    let chunk: Vec<u8> = (1..20_000)
        .flat_map(|number| {
            let mut event = least(number);
            event[Column::UserAgent as usize] = Some(b"a secret agent".to_vec());
            event[Column::ResourceId as usize] = Some(vec![number as u8; 16]);
            canonical(&event)
        })
        .collect();
    let (file, manifest) = write(&[chunk]).unwrap();
    assert!(!serde_json::to_string(&manifest).unwrap().contains("secret"));
    let reader = SerializedFileReader::new(Bytes::from(file.clone())).unwrap();
    let group = reader.metadata().row_group(0);
    let end_of_pages =
        group.columns().iter().map(|column| column.byte_range()).map(|(start, length)| start + length).max();
    let indexes_and_footer = &file[end_of_pages.unwrap() as usize..];
    let holds = |text: &[u8]| indexes_and_footer.windows(text.len()).any(|window| window == text);
    assert!(holds(b"invoice") && !holds(b"secret"));
    let column = |column: Column| group.column(column as usize);
    assert!(group.sorting_columns().is_some());
    assert!(column(Column::CreatedAt).encodings().any(|encoding| encoding == Encoding::DELTA_BINARY_PACKED));
    assert!(column(Column::CreatedAt).statistics().is_some());
    assert!(column(Column::UserAgent).statistics().is_none());
    assert!(column(Column::SealKey).statistics().is_none());
    assert!(column(Column::ResourceId).bloom_filter_offset().is_some());
    assert!(column(Column::CreatedByUserId).bloom_filter_offset().is_some());
    assert!(column(Column::CreatedAt).column_index_offset().is_some());
    assert!(column(Column::NewValues).offset_index_offset().is_some());
}

/// One value of a dictionary stands for those of all rows, so that little in a file can be very much in memory.
#[test]
fn a_chunk_that_swells_is_not_read_to_its_end() {
    let chunk: Vec<u8> = (1..5_000)
        .flat_map(|number| {
            let mut event = least(number);
            event[Column::ActionType as usize] = Some(vec![b'x'; 5_000]);
            canonical(&event)
        })
        .collect();
    let (file, _) = write(std::slice::from_ref(&chunk)).unwrap();
    assert!(file.len() < chunk.len() / 20);
    let bytes = format!("\"bytes\":{},", chunk.len());
    let less = format!("\"bytes\":{},", chunk.len() / 10 * 4);
    let place = file.windows(bytes.len()).position(|window| window == bytes.as_bytes()).unwrap();
    let changed = [&file[..place], less.as_bytes(), &file[place + bytes.len()..]].concat();
    assert!(read(changed).unwrap_err().to_string().contains("more bytes than the footer says"));
}

/// Nothing is decoded of pages that hold more than the rows can take, whatever they are made of.
#[test]
fn pages_that_swell_are_not_decoded() {
    let chunk: Vec<u8> = (1..5_000)
        .flat_map(|number| {
            let mut event = least(number);
            event[Column::NewValues as usize] = Some(format!("\u{1}\"{number}{}\"", "x".repeat(5_000)).into_bytes());
            canonical(&event)
        })
        .collect();
    let (file, _) = write(std::slice::from_ref(&chunk)).unwrap();
    assert!(file.len() < chunk.len() / 20);
    let bytes = format!("\"bytes\":{},", chunk.len());
    let less = format!("\"bytes\":{:>width$},", chunk.len() / 4, width = bytes.len() - 9);
    let place = file.windows(bytes.len()).position(|window| window == bytes.as_bytes()).unwrap();
    let changed = [&file[..place], less.as_bytes(), &file[place + bytes.len()..]].concat();
    let problem = "the pages of a chunk hold more than the events that the footer names";
    assert!(read(changed).unwrap_err().to_string().contains(problem));

    // A page that says so of itself: its length is the first one that takes four bytes.
    let mut event = least(1);
    event[Column::NewValues as usize] = Some([&[1, b'"'], &vec![b'x'; 8 << 20][..], b"\""].concat());
    let (mut file, _) = write(&[canonical(&event)]).unwrap();
    let is_large =
        |header: &[u8]| header.starts_with(&[0x15, 0, 0x15]) && header[3..6].iter().all(|byte| *byte >= 0x80);
    let place = file.windows(8).position(is_large).unwrap();
    file[place + 3..place + 7].copy_from_slice(&[0xfe, 0xff, 0xff, 0x7f]);
    assert!(read(file).unwrap_err().to_string().contains(problem));
}

#[test]
fn what_is_no_file_of_ours_is_named_so() {
    for file in [b"PAR1".to_vec(), vec![], vec![0; 100]] {
        assert!(Reader::new(Bytes::from(file)).is_err());
    }
    // The name of an entry stands in the footer as it is.
    let (file, _) = write(&[canonical(&least(1))]).unwrap();
    let with = |old: &str, new: &str| {
        let place = file.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
        let changed = [&file[..place], new.as_bytes(), &file[place + old.len()..]].concat();
        read(changed).err().unwrap().to_string()
    };
    assert!(with("audit_ext.format", "audit_ext.formbt").contains("does not name a format"));
    assert!(with("\"events\":1,", "\"events\":9,").contains("another number of events"));
    assert!(with("exact_row", "exact_raw").contains("columns are not those"));
}
