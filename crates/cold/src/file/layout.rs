//! How a file is laid out: its schema, and how each column is encoded.

use std::sync::Arc;

use audit_cold_row::{Column, MAX_CHUNK_EVENTS};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{BloomFilterProperties, EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::column::{Described, EVENT, EXACT_ROW, Kind};
use super::manifest::TOOL;

const PAGE_ROWS: usize = 8_192;

/// Events of an object stand in this order.
const ORDER: [Column; 3] = [Column::WorkspaceId, Column::CreatedAt, Column::Id];

pub fn schema() -> Result<TypePtr, ParquetError> {
    let mut columns = Vec::with_capacity(EVENT.len() + 1);
    for described in &EVENT {
        columns.push(Arc::new(column(described)?));
    }
    let exact_row = Type::primitive_type_builder(EXACT_ROW, PhysicalType::BYTE_ARRAY);
    columns.push(Arc::new(exact_row.with_repetition(Repetition::OPTIONAL).build()?));
    Ok(Arc::new(Type::group_type_builder("audit_events").with_fields(columns).build()?))
}

fn column(described: &Described) -> Result<Type, ParquetError> {
    let repetition = if described.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let (physical, logical) = match described.kind {
        Kind::Uuid | Kind::Text | Kind::Json | Kind::Inet => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Time => {
            let time = LogicalType::timestamp(true, TimeUnit::MICROS);
            (PhysicalType::INT64, Some(time))
        }
        Kind::Bytes => (PhysicalType::BYTE_ARRAY, None),
        Kind::Integer => (PhysicalType::INT64, None),
        Kind::Array => return list(described.name, repetition),
    };
    Type::primitive_type_builder(described.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
}

/// A list as the format's rules have it, in three levels.
fn list(name: &str, repetition: Repetition) -> Result<Type, ParquetError> {
    let element = Type::primitive_type_builder("element", PhysicalType::BYTE_ARRAY)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let repeated = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(element)])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(repetition)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(repeated)])
        .build()
}

/// The path of the column that holds the values.
fn leaf(described: &Described) -> ColumnPath {
    let path = match described.kind {
        Kind::Array => vec![described.name, "list", "element"],
        _ => vec![described.name],
    };
    ColumnPath::new(path.into_iter().map(String::from).collect())
}

pub fn properties() -> Result<WriterPropertiesPtr, ParquetError> {
    let order = ORDER.map(|column| SortingColumn { column_idx: column as i32, descending: false, nulls_first: false });
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("{TOOL} (build format-{})", super::FORMAT))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_sorting_columns(Some(order.to_vec()));
    for described in &EVENT {
        let path = leaf(described);
        // What is different in each event fills a dictionary for nothing.
        if matches!(described.column, Column::Id | Column::RequestId)
            || matches!(described.kind, Kind::Json | Kind::Bytes)
        {
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
        }
        if described.is_erasable {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        if described.column == Column::CreatedAt {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        }
        if matches!(described.column, Column::ResourceId | Column::CreatedByUserId) {
            let bloom = BloomFilterProperties::builder().with_fpp(0.01).with_max_ndv(MAX_CHUNK_EVENTS as u64);
            properties = properties.set_column_bloom_filter_properties(path, bloom.try_build()?);
        }
    }
    let exact_row = ColumnPath::from(EXACT_ROW);
    properties = properties
        .set_column_dictionary_enabled(exact_row.clone(), false)
        .set_column_statistics_enabled(exact_row, EnabledStatistics::None);
    Ok(Arc::new(properties.build()))
}
