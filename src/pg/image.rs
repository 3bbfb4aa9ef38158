//! Compares values byte by byte and hands on their bytes, however they are stored.

use pgrx::pg_sys::{self, Oid};

use super::datum::{Datum, content, read_uuid, unpacked};

/// Whether two values of columns of ours are the same bytes once detoasted.
pub fn same(a: Option<Datum>, b: Option<Datum>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            let form = Layout::of(a.kind());
            let (by_value, length) = form.layout();
            // SAFETY: both are of forms of the same layout.
            Layout::of(b.kind()) == form && unsafe { same_image(a.raw(), b.raw(), by_value, length) }
        }
        _ => false,
    }
}

/// Whether two values of a type, passed by value or not, of this length, are the same bytes once detoasted.
///
/// # Safety
/// Both are values of such a type.
pub(super) unsafe fn same_image(a: pg_sys::Datum, b: pg_sys::Datum, by_value: bool, length: i16) -> bool {
    if by_value {
        return a.value() == b.value();
    }
    // SAFETY: the caller promises that both are values of such a type. So many bytes lie there.
    unsafe {
        if length > 0 {
            let [a, b] = [a, b].map(|value| std::slice::from_raw_parts(value.cast_mut_ptr::<u8>(), length as usize));
            return a == b;
        }
        pg_sys::datum_image_eq(a, b, by_value, length.into())
    }
}

/// Whether two stored values of a type are the same. Bytes that are equal need not be fetched or unpacked, so an unchanged long value costs
/// the comparison of two pointers.
///
/// # Safety
/// The type is passed by value or not, and has this length.
pub(super) unsafe fn same_stored(a: pg_sys::Datum, b: pg_sys::Datum, by_value: bool, length: i16) -> bool {
    // SAFETY: varlenas in any form have a size of their own; the caller promises that both are of this type.
    unsafe {
        let has_equal_bytes = || {
            let (a, b) = (a.cast_mut_ptr::<pg_sys::varlena>(), b.cast_mut_ptr::<pg_sys::varlena>());
            let size = pgrx::varlena::varsize_any(a);
            size == pgrx::varlena::varsize_any(b)
                && std::slice::from_raw_parts(a.cast::<u8>(), size) == std::slice::from_raw_parts(b.cast::<u8>(), size)
        };
        (!by_value && length == -1 && has_equal_bytes()) || same_image(a, b, by_value, length)
    }
}

/// How Postgres holds a value: in the Datum itself, as 16 bytes, or with a length in front (perhaps compressed or
/// stored out of line).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    Word,
    Uuid,
    Variable,
}

impl Layout {
    /// Of the types that columns of events have.
    const fn of(kind: Oid) -> Layout {
        match kind {
            pg_sys::TIMESTAMPTZOID | pg_sys::INT8OID => Layout::Word,
            pg_sys::UUIDOID => Layout::Uuid,
            pg_sys::TEXTOID | pg_sys::JSONBOID | pg_sys::INETOID | pg_sys::TEXTARRAYOID | pg_sys::BYTEAOID => {
                Layout::Variable
            }
            _ => panic!("no type of a column of events"),
        }
    }

    /// Whether the value is the Datum itself, and the length of the type, as the catalog gives them.
    const fn layout(self) -> (bool, i16) {
        match self {
            Layout::Word => (true, 8),
            Layout::Uuid => (false, 16),
            Layout::Variable => (false, -1),
        }
    }
}

/// Hands the bytes of a value of an event to `sink`, however it is stored.
pub fn feed(datum: Datum, sink: &mut dyn FnMut(&[u8])) {
    match Layout::of(datum.kind()) {
        Layout::Word => sink(&(datum.raw().value() as u64).to_ne_bytes()),
        Layout::Uuid => sink(read_uuid(datum).as_bytes()),
        // SAFETY: a varlena; a copy is freed at once: rows may be large and many.
        Layout::Variable => unsafe {
            let stored = datum.raw().cast_mut_ptr::<pg_sys::varlena>();
            let plain = unpacked(datum.raw());
            sink(content(plain));
            if plain != stored {
                pg_sys::pfree(plain.cast());
            }
        },
    }
}
