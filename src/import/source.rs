//! The source of an import, read with the rights of the caller.

use audit_core::event::column::{Column, DataType};
use audit_core::import::halves::Part;
use audit_core::import::mapping::{Mapping, Origin};
use audit_core::import::refusal::ImportError;
use audit_core::month::Month;
use pgrx::pg_sys::Oid;
use serde_json::Value;

use crate::error::Error;
use crate::pg::cursor::Cursor;
use crate::pg::parameter::{self, Parameter};
use crate::pg::{quote, relation, spi};

/// A table or view, and where the values of an event are in it.
pub struct Source {
    /// With its schema, quoted.
    pub name: String,
    /// As it was given.
    pub mapping: Value,
    read: Mapping,
}

impl Source {
    pub fn of(relation: Oid, mapping: &Value) -> Result<Source, Error> {
        let columns: Vec<String> =
            spi::rows_with(include_str!("../../sql/import/columns.sql"), &[parameter::oid(relation)], |row| {
                row.text(1)
            })
            .into_iter()
            .flatten()
            .collect();
        let name = relation::qualified_name(relation).filter(|_| relation::has_rows(relation));
        let name = name.ok_or(ImportError::NotASource)?;
        Ok(Source { name, mapping: mapping.clone(), read: Mapping::read(mapping, &columns)? })
    }

    /// Raises what any row of it would: rights that the caller lacks, a cast that there is not, a constant that is no value of its column.
    pub fn try_out(&self) {
        let (sql, parameters) = self.rows();
        spi::read_with(&format!("{sql} LIMIT 0"), &parameters, |_| ());
    }

    /// The months that its events are of; those that no table can be of left out.
    pub fn months(&self) -> Vec<Month> {
        let mut parameters = Vec::new();
        let time = self.value(Column::CreatedAt, &mut parameters);
        let sql = format!("SELECT DISTINCT pg_catalog.date_trunc('month', {time}, 'UTC') FROM {} AS source", self.name);
        spi::rows_with(&sql, &parameters, |row| row.time(1)).into_iter().flatten().filter_map(Month::of).collect()
    }

    /// Its rows, oldest first: the columns of an event in the order of the mapping, then the name of the row.
    pub fn open(&self) -> Cursor {
        let (sql, parameters) = self.rows();
        Cursor::open_across_commits(&sql, &parameters)
    }

    fn rows(&self) -> (String, Vec<Parameter<'static>>) {
        let (values, parameters) = self.values();
        let source_id = self.source_id();
        let sql =
            format!("SELECT {values}, {source_id} FROM {} AS source ORDER BY 1, {source_id} COLLATE \"C\"", self.name);
        (sql, parameters)
    }

    /// The least and the greatest name of the rows of a part, which need no other column.
    pub fn names_in(&self, part: Part) -> Option<(String, String)> {
        let (source_id, of_part) = (self.source_id(), self.condition(1));
        let sql = format!(
            "SELECT pg_catalog.min({source_id} COLLATE \"C\"), pg_catalog.max({source_id} COLLATE \"C\") FROM {} AS source WHERE {of_part}",
            self.name
        );
        spi::read_first_with(&sql, &[parameter::int8(part.0), parameter::int8(part.1)], |row| {
            Some((row.text(1)?, row.text(2)?))
        })
    }

    /// How many rows a part has, all of whose values are read.
    pub fn count_in(&self, part: Part) -> u64 {
        let (values, mut parameters) = self.values();
        let of_part = self.condition(parameters.len() + 1);
        parameters.extend([parameter::int8(part.0), parameter::int8(part.1)]);
        let sql = format!("SELECT pg_catalog.count(ROW({values})) FROM {} AS source WHERE {of_part}", self.name);
        spi::read_first_with(&sql, &parameters, |row| row.int8(1)).map_or(0, |count| count as u64)
    }

    /// Of the rows of a part, whose bounds are this parameter and the next.
    fn condition(&self, first: usize) -> String {
        format!(
            "pg_catalog.hashtextextended({} COLLATE \"C\", 0) BETWEEN ${first} AND ${}",
            self.source_id(),
            first + 1
        )
    }

    fn source_id(&self) -> String {
        format!("CAST(source.{} AS pg_catalog.text)", quote::identifier(&self.read.source_id))
    }

    fn values(&self) -> (String, Vec<Parameter<'static>>) {
        let mut parameters = Vec::new();
        let values: Vec<String> =
            self.read.values.iter().map(|(column, _)| self.value(*column, &mut parameters)).collect();
        (values.join(", "), parameters)
    }

    /// An expression of the type of the column. A constant is a parameter.
    fn value(&self, column: Column, parameters: &mut Vec<Parameter<'static>>) -> String {
        let kind = type_name(column.data_type());
        let origin = self.read.values.iter().find(|(target, _)| *target == column).map(|(_, origin)| origin);
        let mut constant = |text: &str| {
            parameters.push(parameter::text(text));
            format!("${}", parameters.len())
        };
        match origin {
            Some(Origin::Column(name)) => format!("CAST(source.{} AS {kind})", quote::identifier(name)),
            Some(Origin::Constant(text)) => format!("CAST({} AS {kind})", constant(text)),
            Some(Origin::List(list)) => format!(
                "ARRAY(SELECT pg_catalog.jsonb_array_elements_text(CAST({} AS pg_catalog.jsonb)))",
                constant(list)
            ),
            Some(Origin::Nothing) | None => format!("CAST(NULL AS {kind})"),
        }
    }
}

fn type_name(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Uuid => "pg_catalog.uuid",
        DataType::Timestamptz => "pg_catalog.timestamptz",
        DataType::Text => "pg_catalog.text",
        DataType::Jsonb => "pg_catalog.jsonb",
        DataType::TextArray => "pg_catalog.text[]",
        DataType::Inet => "pg_catalog.inet",
        DataType::Bytea => "pg_catalog.bytea",
        DataType::Bigint => "pg_catalog.int8",
    }
}
