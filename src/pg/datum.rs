//! Values as Postgres holds them, to and from the few Rust types we decide on. Everything else passes through
//! untouched: an event's payload is never parsed and printed again on its way.
//!
//! A reader trusts that a value has the type it is asked for. Values come from two places only, whose types are
//! fixed beside them: arguments (declared in `sql/functions`) and columns of our own tables (`sql/schema`, and
//! [`crate::setup`] refuses tables of another shape).

use pgrx::pg_sys::{self, Datum};
use uuid::Uuid;

pub fn read_uuid(datum: Datum) -> Uuid {
    // SAFETY: a uuid is 16 bytes, passed by reference, without a header.
    Uuid::from_bytes(unsafe { *datum.cast_mut_ptr::<[u8; 16]>() })
}

/// The elements of a uuid[] that are not NULL.
pub fn read_uuids(array: Datum) -> Vec<Uuid> {
    // SAFETY: deconstruct_array is told the type's length and alignment; it fills both lists.
    unsafe {
        let array = pg_sys::pg_detoast_datum(array.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
        let (mut values, mut nulls, mut count) = (std::ptr::null_mut(), std::ptr::null_mut(), 0);
        pg_sys::deconstruct_array(
            array,
            pg_sys::UUIDOID,
            16,
            false,
            pg_sys::TYPALIGN_CHAR as _,
            &mut values,
            &mut nulls,
            &mut count,
        );
        (0..count as usize).filter(|index| !*nulls.add(*index)).map(|index| read_uuid(*values.add(index))).collect()
    }
}

/// A uuid in the current memory context.
pub fn from_uuid(id: &Uuid) -> Datum {
    // SAFETY: palloc gives 16 writable bytes or raises.
    unsafe {
        let place = pg_sys::palloc(16).cast::<u8>();
        std::ptr::copy_nonoverlapping(id.as_bytes().as_ptr(), place, 16);
        Datum::from(place)
    }
}

/// The bytes of a text, in the database's encoding; they live as long as the value or the current memory context.
pub fn read_bytes<'a>(datum: Datum) -> &'a [u8] {
    // SAFETY: callers ask it of varlenas.
    unsafe { content(unpacked(datum)) }
}

/// A plain or short varlena: the value itself, where it is one already, else a palloc'd copy.
///
/// # Safety
/// A varlena.
unsafe fn unpacked(datum: Datum) -> *mut pg_sys::varlena {
    // SAFETY: as demanded.
    unsafe {
        let value = datum.cast_mut_ptr();
        let is_whole = if pgrx::varlena::varatt_is_1b(value) {
            !pgrx::varlena::varatt_is_1b_e(value)
        } else {
            pgrx::varlena::varatt_is_4b_u(value)
        };
        if is_whole { value } else { pg_sys::pg_detoast_datum_packed(value) }
    }
}

/// # Safety
/// A plain or short varlena.
unsafe fn content<'a>(value: *const pg_sys::varlena) -> &'a [u8] {
    // SAFETY: as demanded.
    unsafe {
        std::slice::from_raw_parts(
            pgrx::varlena::vardata_any(value).cast::<u8>(),
            pgrx::varlena::varsize_any_exhdr(value),
        )
    }
}

/// A text as a string. In a database of another encoding, characters that are not UTF-8 are replaced: for names of
/// ours and messages only, never for payload.
pub fn read_text(datum: Datum) -> String {
    String::from_utf8_lossy(read_bytes(datum)).into_owned()
}

pub fn read_name(datum: Datum) -> String {
    // SAFETY: a name is a NUL-terminated string in 64 bytes.
    unsafe { std::ffi::CStr::from_ptr(datum.cast_mut_ptr()) }.to_string_lossy().into_owned()
}

/// A text in the current memory context.
pub fn from_text(text: &[u8]) -> Datum {
    from_content(text)
}

/// A varlena (varatt.h of PostgreSQL) with this content, in the current memory context; raises for more than a value can hold.
pub fn from_content(content: &[u8]) -> Datum {
    // SAFETY: as much is allocated as is written.
    unsafe {
        let size = pg_sys::VARHDRSZ + content.len();
        let value = pg_sys::palloc(size).cast::<u8>();
        pgrx::varlena::set_varsize_4b(value.cast(), size as i32);
        std::ptr::copy_nonoverlapping(content.as_ptr(), value.add(pg_sys::VARHDRSZ), content.len());
        Datum::from(value)
    }
}

/// A text[] in the current memory context.
pub fn from_texts<T: AsRef<[u8]>>(texts: &[Option<T>]) -> Datum {
    let values = texts.iter().map(|text| text.as_ref().map(|text| from_text(text.as_ref())));
    // SAFETY: text is a varlena (-1) with int alignment.
    unsafe { array_of(values, pg_sys::TEXTOID, -1, pg_sys::TYPALIGN_INT) }
}

/// A text[] of one dimension without NULLs in the current memory context, laid out by hand (array.h, varatt.h of PostgreSQL): it is made for
/// every event that has old and new values.
pub fn from_names(names: &[&[u8]]) -> Datum {
    const HEADER: usize = 6 * 4;
    if names.is_empty() {
        return from_texts::<&[u8]>(&[]);
    }
    let elements: usize = names.iter().map(|name| (4 + name.len()).next_multiple_of(4)).sum();
    // SAFETY: as much is allocated as is written; palloc aligns better than an array asks for.
    unsafe {
        let array = pg_sys::palloc0(HEADER + elements).cast::<u8>();
        pgrx::varlena::set_varsize_4b(array.cast(), (HEADER + elements) as i32);
        // Dimensions, offset of data behind a NULL bitmap (none), element type, length, lower bound.
        let header = [1, 0, pg_sys::TEXTOID.to_u32() as i32, names.len() as i32, 1];
        std::ptr::copy_nonoverlapping(header.as_ptr(), array.cast::<i32>().add(1), header.len());
        let mut at = array.add(HEADER);
        for name in names {
            pgrx::varlena::set_varsize_4b(at.cast(), (4 + name.len()) as i32);
            std::ptr::copy_nonoverlapping(name.as_ptr(), at.add(4), name.len());
            at = at.add((4 + name.len()).next_multiple_of(4));
        }
        Datum::from(array)
    }
}

/// A uuid[] in the current memory context.
pub fn from_uuids(ids: &[Uuid]) -> Datum {
    // SAFETY: a uuid is 16 bytes without alignment.
    unsafe { array_of(ids.iter().map(|id| Some(from_uuid(id))), pg_sys::UUIDOID, 16, pg_sys::TYPALIGN_CHAR) }
}

/// # Safety
/// The values are of the type, whose length and alignment are given.
unsafe fn array_of(values: impl Iterator<Item = Option<Datum>>, kind: pg_sys::Oid, length: i32, align: u8) -> Datum {
    let (mut values, mut nulls): (Vec<Datum>, Vec<bool>) =
        values.map(|value| (value.unwrap_or(Datum::from(0usize)), value.is_none())).unzip();
    let (mut dimensions, mut lower_bounds) = ([values.len() as i32], [1]);
    // SAFETY: as many values as NULL flags, of the type as demanded.
    unsafe {
        if values.is_empty() {
            return Datum::from(pg_sys::construct_empty_array(kind));
        }
        Datum::from(pg_sys::construct_md_array(
            values.as_mut_ptr(),
            nulls.as_mut_ptr(),
            1,
            dimensions.as_mut_ptr(),
            lower_bounds.as_mut_ptr(),
            kind,
            length,
            false,
            align as _,
        ))
    }
}

/// An inet in the current memory context, laid out as PostgreSQL has it (utils/inet.h): a family of its own, the length of the network's
/// part, the bytes of the address.
pub fn from_inet(address: std::net::IpAddr, bits: u8) -> Datum {
    // PGSQL_AF_INET is AF_INET, PGSQL_AF_INET6 the number behind it.
    const AF_INET: u8 = 2;
    match address {
        std::net::IpAddr::V4(address) => from_content(&[&[AF_INET, bits], &address.octets()[..]].concat()),
        std::net::IpAddr::V6(address) => from_content(&[&[AF_INET + 1, bits], &address.octets()[..]].concat()),
    }
}

/// A copy of a uuid found in the result of a statement, which outlives the statement.
pub fn copy_uuid_out(datum: Datum) -> Datum {
    // SAFETY: a uuid is 16 bytes by reference; SPI copies it into its caller's memory context.
    unsafe { pg_sys::SPI_datumTransfer(datum, false, 16) }
}

/// Whether two values of a type (passed by value or not, of this length) are the same bytes once detoasted.
pub fn same(a: Option<Datum>, b: Option<Datum>, by_value: bool, length: i16) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) if by_value => a.value() == b.value(),
        // SAFETY: callers pass the length of the type; so many bytes lie there.
        (Some(a), Some(b)) if length > 0 => unsafe {
            let [a, b] = [a, b].map(|value| std::slice::from_raw_parts(value.cast_mut_ptr::<u8>(), length as usize));
            a == b
        },
        // SAFETY: callers pass the length of the type.
        (Some(a), Some(b)) => unsafe { pg_sys::datum_image_eq(a, b, by_value, length.into()) },
        _ => false,
    }
}

/// A text made of UTF-8; None when the database has another encoding and the text is not plain ASCII.
pub fn from_utf8(text: &str) -> Option<Datum> {
    // SAFETY: reads a setting of the database.
    let utf8 = unsafe { pg_sys::GetDatabaseEncoding() } == pg_sys::pg_enc::PG_UTF8 as i32;
    ((utf8 || text.is_ascii()) && !text.contains('\0')).then(|| from_text(text.as_bytes()))
}

/// How Postgres holds a value: in the Datum itself, as 16 bytes, or with a length in front (perhaps compressed or
/// stored out of line).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Word,
    Uuid,
    Variable,
}

impl Form {
    /// Whether the value is the Datum itself, and the length of the type, as the catalog gives them.
    pub const fn layout(self) -> (bool, i16) {
        match self {
            Form::Word => (true, 8),
            Form::Uuid => (false, 16),
            Form::Variable => (false, -1),
        }
    }
}

/// Hands the bytes of a value to `sink`, however it is stored.
pub fn feed(value: Datum, form: Form, sink: &mut dyn FnMut(&[u8])) {
    match form {
        Form::Word => sink(&(value.value() as u64).to_ne_bytes()),
        Form::Uuid => sink(read_uuid(value).as_bytes()),
        // SAFETY: a varlena; a copy is freed at once: rows may be large and many.
        Form::Variable => unsafe {
            let stored = value.cast_mut_ptr::<pg_sys::varlena>();
            let plain = unpacked(value);
            sink(content(plain));
            if plain != stored {
                pg_sys::pfree(plain.cast());
            }
        },
    }
}
