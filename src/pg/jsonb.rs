//! jsonb as it is stored: compared, taken apart and put together without going through text.

use std::marker::PhantomData;

use audit_core::jsonb::read::{self, Container, StoredValue};
use audit_core::jsonb::{Document, Stored, write};
use pgrx::pg_sys;

use super::datum::{self, Datum};
use super::quote;

/// The build fails if the constants of audit_core differ from the headers of this version.
const _: () = {
    use audit_core::jsonb::layout;
    assert!(layout::JB_CMASK == pg_sys::JB_CMASK);
    assert!(layout::JB_FSCALAR == pg_sys::JB_FSCALAR);
    assert!(layout::JB_FOBJECT == pg_sys::JB_FOBJECT);
    assert!(layout::JB_FARRAY == pg_sys::JB_FARRAY);
    assert!(layout::JENTRY_OFFLENMASK == pg_sys::JENTRY_OFFLENMASK);
    assert!(layout::JENTRY_TYPEMASK == pg_sys::JENTRY_TYPEMASK);
    assert!(layout::JENTRY_HAS_OFF == pg_sys::JENTRY_HAS_OFF);
    assert!(layout::JENTRY_ISSTRING == pg_sys::JENTRY_ISSTRING);
    assert!(layout::JENTRY_ISNUMERIC == pg_sys::JENTRY_ISNUMERIC);
    assert!(layout::JENTRY_ISBOOL_FALSE == pg_sys::JENTRY_ISBOOL_FALSE);
    assert!(layout::JENTRY_ISBOOL_TRUE == pg_sys::JENTRY_ISBOOL_TRUE);
    assert!(layout::JENTRY_ISNULL == pg_sys::JENTRY_ISNULL);
    assert!(layout::JENTRY_ISCONTAINER == pg_sys::JENTRY_ISCONTAINER);
    assert!(layout::JB_OFFSET_STRIDE == pg_sys::JB_OFFSET_STRIDE as usize);
};

/// A detoasted jsonb value.
#[derive(Clone, Copy)]
pub struct Jsonb<'a> {
    value: *mut pg_sys::Jsonb,
    memory: PhantomData<&'a [u8]>,
}

impl<'a> Jsonb<'a> {
    /// It lives as long as the value, or the current memory context where it had to be fetched.
    pub fn of(datum: Datum<'a>) -> Jsonb<'a> {
        let value = datum.as_one_of(&[pg_sys::JSONBOID]);
        // SAFETY: detoasting gives the plain header of four bytes that the container follows.
        Jsonb { value: unsafe { pg_sys::pg_detoast_datum(value.cast_mut_ptr()) }.cast(), memory: PhantomData }
    }

    /// The container as it is stored.
    pub fn stored(&self) -> Stored<'a> {
        // SAFETY: a varlena with a plain header of four bytes, which the container follows.
        let bytes = unsafe {
            let size = pgrx::varlena::varsize_4b(self.value.cast());
            std::slice::from_raw_parts(self.value.cast::<u8>(), size).get(pg_sys::VARHDRSZ..).unwrap_or_default()
        };
        Stored::by_postgres(bytes)
    }

    /// The outermost container; None only for what is no jsonb.
    pub fn root(&self) -> Option<Container<'a>> {
        Container::of(self.stored())
    }
}

/// A value within a document as a jsonb of its own.
pub fn of_value(value: StoredValue) -> Datum<'static> {
    match value {
        StoredValue::Container(container) => of_container(container),
        scalar => of_document(&scalar.alone()),
    }
}

/// Sorted names of the top-level keys that differ between two objects; None unless both are objects.
pub fn changed_keys<'a>(old: Datum<'a>, new: Datum<'a>) -> Option<Vec<&'a [u8]>> {
    Some(read::changed_keys(object(old)?, object(new)?, same))
}

/// Whether it is `{}`.
pub fn is_empty_object(document: Datum) -> bool {
    object(document).is_some_and(Container::is_empty)
}

/// Whether it is an object with this key.
pub fn has_key(document: Datum, key: &[u8]) -> bool {
    object(document).is_some_and(|object| object.has_key(key))
}

/// The document where it lies: with a short header nothing in it is aligned.
fn object(document: Datum) -> Option<Container> {
    assert_eq!(document.kind(), pg_sys::JSONBOID, "not a jsonb");
    Container::of(Stored::by_postgres(datum::read_bytes(document))).filter(|root| root.is_object())
}

/// Whether two numbers or two containers whose bytes differ are equal as jsonb's own `=` says.
fn same(a: StoredValue, b: StoredValue) -> bool {
    match (a, b) {
        (StoredValue::Numeric(a), StoredValue::Numeric(b)) => {
            let [a, b] = [a, b].map(|number| Some(pg_sys::Datum::from(aligned(number).as_ptr())));
            // SAFETY: both are numerics, aligned.
            unsafe { pgrx::direct_function_call::<bool>(pg_sys::numeric_eq, &[a, b]) == Some(true) }
        }
        (StoredValue::Container(a), StoredValue::Container(b)) => {
            let [a, b] = [a, b].map(|container| aligned(container).as_ptr().cast_mut().cast());
            // SAFETY: both are containers, aligned, and only read.
            unsafe { pg_sys::compareJsonbContainers(a, b) == 0 }
        }
        _ => false,
    }
}

/// The bytes where they lie if they are aligned as Postgres demands of what it is given, else a copy in the current memory context.
fn aligned(stored: Stored<'_>) -> &[u8] {
    let bytes = stored.bytes();
    if bytes.as_ptr().cast::<u32>().is_aligned() {
        return bytes;
    }
    // SAFETY: as much is allocated as is copied; what palloc gives is aligned for everything.
    unsafe {
        let copy = pg_sys::palloc(bytes.len()).cast::<u8>();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
        std::slice::from_raw_parts(copy, bytes.len())
    }
}

/// Whether a document contains another, as `@>` says.
pub fn contains(document: Datum, other: Datum) -> bool {
    let both = [document, other].map(|document| Some(document.as_one_of(&[pg_sys::JSONBOID])));
    // SAFETY: both are jsonb.
    unsafe { pgrx::direct_function_call::<bool>(pg_sys::jsonb_contains, &both) == Some(true) }
}

/// A document as PostgreSQL prints it, in the current memory context.
pub fn printed<'a>(document: Datum<'a>) -> &'a [u8] {
    let container = Jsonb::of(document).stored().bytes();
    // SAFETY: the answer is a palloc'd C string.
    unsafe {
        let length = container.len() as i32;
        let text = pg_sys::JsonbToCString(std::ptr::null_mut(), container.as_ptr().cast_mut().cast(), length);
        std::ffi::CStr::from_ptr(text).to_bytes()
    }
}

/// A row of a table of ours as a jsonb object. Only for tables whose types are all built in: the conversion of a
/// user's type could run the user's code.
///
/// # Safety
/// `row` is a composite value of type `row_type`.
pub(super) unsafe fn of_own_row(row: pg_sys::Datum, row_type: pg_sys::Oid) -> Datum<'static> {
    // SAFETY: to_jsonb finds the type of its argument in the expression that calls it, so one is made for it.
    unsafe {
        let mut function: pg_sys::FmgrInfo = std::mem::zeroed();
        pg_sys::fmgr_info(pg_sys::F_TO_JSONB.into(), &mut function);
        let argument = pg_sys::makeNullConst(row_type, -1, pg_sys::InvalidOid);
        let mut arguments: *mut pg_sys::List = std::ptr::null_mut();
        arguments = pg_sys::lappend(arguments, argument.cast());
        function.fn_expr = pg_sys::makeFuncExpr(
            pg_sys::F_TO_JSONB.into(),
            pg_sys::JSONBOID,
            arguments,
            pg_sys::InvalidOid,
            pg_sys::InvalidOid,
            pg_sys::CoercionForm::COERCE_EXPLICIT_CALL,
        )
        .cast();
        Datum::of(pg_sys::FunctionCall1Coll(&mut function, pg_sys::InvalidOid, row), pg_sys::JSONBOID)
    }
}

fn of_container(container: Stored) -> Datum<'static> {
    // SAFETY: a jsonb is its container.
    unsafe { Datum::of(datum::from_content(container.bytes()), pg_sys::JSONBOID) }
}

/// A document as a value.
pub fn of_document(document: &Document) -> Datum<'static> {
    of_container(document.stored())
}

/// A document as JSON text.
pub fn text_of(document: &Document) -> Vec<u8> {
    printed(of_document(document)).to_vec()
}

/// A small document of our own making, as jsonb. Its texts are of PostgreSQL, so no NUL is among their characters, which jsonb cannot hold.
pub fn from_serde(document: &serde_json::Value) -> Datum<'static> {
    let text = quote::c_string(&document.to_string());
    // SAFETY: jsonb_in takes a C string, and never answers NULL.
    unsafe {
        let arguments = [Some(pg_sys::Datum::from(text.as_ptr()))];
        let made = pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &arguments);
        made.map_or_else(|| of_document(&write::object(Vec::new())), |made| Datum::of(made, pg_sys::JSONBOID))
    }
}
