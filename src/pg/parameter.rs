//! Parameters of statements, allocated in the current memory context.

use pgrx::pg_sys::{OIDOID, Oid, TEXTARRAYOID, TEXTOID};

use super::datum;
use super::spi::Parameter;

pub fn text(text: &str) -> Parameter<'static> {
    (TEXTOID, Some(datum::from_text(text.as_bytes())))
}

pub fn text_or_null(value: Option<&str>) -> Parameter<'static> {
    value.map_or((TEXTOID, None), text)
}

pub fn texts<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Parameter<'static> {
    (TEXTARRAYOID, Some(datum::from_texts(&texts.into_iter().map(Some).collect::<Vec<_>>())))
}

pub fn oid(oid: Oid) -> Parameter<'static> {
    (OIDOID, Some(datum::from_oid(oid)))
}
