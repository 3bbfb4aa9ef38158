//! Values for `$1`, `$2` … of a statement, each with the type that it has there, in the current memory context. None is NULL.

use audit_core::time::Timestamp;
use pgrx::pg_sys::{self, Oid};
use uuid::Uuid;

use super::array;
use super::datum::{self, Datum};

/// A parameter of a statement: its type and its value.
pub type Parameter<'a> = (Oid, Option<Datum<'a>>);

pub fn text(text: &str) -> Parameter<'static> {
    text_or_null(Some(text))
}

pub fn text_or_null(text: Option<&str>) -> Parameter<'static> {
    (pg_sys::TEXTOID, text.map(|text| datum::from_text(text.as_bytes())))
}

pub fn bytes_or_null(bytes: Option<&[u8]>) -> Parameter<'static> {
    (pg_sys::BYTEAOID, bytes.map(datum::from_bytes))
}

pub fn uuid(id: impl Into<Option<Uuid>>) -> Parameter<'static> {
    (pg_sys::UUIDOID, id.into().as_ref().map(datum::from_uuid))
}

/// A timestamptz.
pub fn time(time: impl Into<Option<Timestamp>>) -> Parameter<'static> {
    (pg_sys::TIMESTAMPTZOID, time.into().map(datum::from_time))
}

pub fn int4(number: i32) -> Parameter<'static> {
    (pg_sys::INT4OID, Some(datum::from_int4(number)))
}

pub fn int8(number: i64) -> Parameter<'static> {
    (pg_sys::INT8OID, Some(datum::from_int8(number)))
}

/// A number of rows or bytes.
pub fn count(count: u64) -> Parameter<'static> {
    (pg_sys::INT8OID, Some(datum::from_int8(count as i64)))
}

pub fn bytes(bytes: &[u8]) -> Parameter<'static> {
    (pg_sys::BYTEAOID, Some(datum::from_bytes(bytes)))
}

pub fn bool(truth: bool) -> Parameter<'static> {
    (pg_sys::BOOLOID, Some(datum::from_bool(truth)))
}

pub fn oid(oid: impl Into<Option<Oid>>) -> Parameter<'static> {
    (pg_sys::OIDOID, oid.into().map(datum::from_oid))
}

pub fn uuids(ids: impl IntoIterator<Item = impl Into<Uuid>>) -> Parameter<'static> {
    let ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
    (pg_sys::UUIDARRAYOID, Some(array::from_uuids(&ids)))
}

pub fn texts<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Parameter<'static> {
    texts_or_null(Some(texts))
}

pub fn texts_or_null<T: AsRef<[u8]>>(texts: Option<impl IntoIterator<Item = T>>) -> Parameter<'static> {
    (pg_sys::TEXTARRAYOID, texts.map(|texts| array::from_texts(texts.into_iter().map(Some))))
}

pub fn byteas<T: AsRef<[u8]>>(values: impl IntoIterator<Item = T>) -> Parameter<'static> {
    (pg_sys::BYTEAARRAYOID, Some(array::from_byteas(values.into_iter().map(Some))))
}

pub fn int8s(numbers: impl IntoIterator<Item = Option<i64>>) -> Parameter<'static> {
    (pg_sys::INT8ARRAYOID, Some(array::from_int8s(numbers)))
}

/// A timestamptz[].
pub fn times(times: impl IntoIterator<Item = Timestamp>) -> Parameter<'static> {
    (pg_sys::TIMESTAMPTZARRAYOID, Some(array::from_times(times)))
}
