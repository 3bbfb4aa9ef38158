//! Values as PostgreSQL holds them, each with its type, and conversions from and to the few Rust types that are needed. Other values are
//! passed through untouched: an event's payload is never parsed and printed again on its way.
//!
//! Only src/pg makes a [`Datum`], with the type that PostgreSQL declares for it (of a column, a result or an argument) or that a Rust value
//! has. Reading it as another type fails an assertion; it never reads foreign memory.

use audit_core::network::Network;
use audit_core::time::Timestamp;

use std::marker::PhantomData;

use pgrx::pg_sys::{self, Oid};
use uuid::Uuid;

use super::encoding;

/// A value that is not NULL.
#[derive(Clone, Copy)]
pub struct Datum<'a> {
    value: pg_sys::Datum,
    kind: Oid,
    /// The lifetime of what the value points to: a row, an argument, or the memory context in which it was made.
    memory: PhantomData<&'a [u8]>,
}

impl<'a> Datum<'a> {
    /// # Safety
    /// The value is of this type, and what it points to is there for `'a`.
    pub(super) unsafe fn of(value: pg_sys::Datum, kind: Oid) -> Datum<'a> {
        Datum { value, kind, memory: PhantomData }
    }

    pub(super) fn raw(self) -> pg_sys::Datum {
        self.value
    }

    pub fn kind(self) -> Oid {
        self.kind
    }

    /// The same value as one of this type, if it is of a domain over it.
    pub fn as_kind(self, kind: Oid) -> Datum<'a> {
        Datum { value: self.as_one_of(&[kind]), kind, memory: PhantomData }
    }

    /// The value, which is of one of these types or of a domain over one.
    #[inline(always)]
    pub(super) fn as_one_of(self, kinds: &[Oid]) -> pg_sys::Datum {
        if !kinds.contains(&self.kind) {
            self.assert_is_domain_over(kinds);
        }
        self.value
    }

    #[cold]
    #[inline(never)]
    fn assert_is_domain_over(self, kinds: &[Oid]) {
        let is_one = kinds.contains(&super::types::base_type(self.kind));
        assert!(is_one, "a value of type {} is read as one of {kinds:?}", self.kind.to_u32());
    }

    /// The value of a type with variable length.
    #[inline(always)]
    pub(super) fn as_varlena(self) -> pg_sys::Datum {
        if !matches!(self.kind, pg_sys::TEXTOID | pg_sys::JSONBOID | pg_sys::BYTEAOID | pg_sys::INETOID) {
            self.assert_is_varlena();
        }
        self.value
    }

    #[cold]
    #[inline(never)]
    fn assert_is_varlena(self) {
        // SAFETY: a syscache look-up.
        let length = unsafe { pg_sys::get_typlen(self.kind) };
        assert_eq!(length, -1, "a value of type {} has no length of its own", self.kind.to_u32());
    }
}

pub fn read_uuid(datum: Datum) -> Uuid {
    let value = datum.as_one_of(&[pg_sys::UUIDOID]);
    // SAFETY: a uuid is 16 bytes, passed by reference, without a header.
    Uuid::from_bytes(unsafe { *value.cast_mut_ptr::<[u8; 16]>() })
}

/// A timestamptz.
pub fn read_time(datum: Datum) -> Timestamp {
    Timestamp::from_microseconds(datum.as_one_of(&[pg_sys::TIMESTAMPTZOID]).value() as i64)
}

pub fn read_bool(datum: Datum) -> bool {
    datum.as_one_of(&[pg_sys::BOOLOID]).value() != 0
}

pub fn read_int4(datum: Datum) -> i32 {
    datum.as_one_of(&[pg_sys::INT4OID]).value() as i32
}

pub fn read_int8(datum: Datum) -> i64 {
    datum.as_one_of(&[pg_sys::INT8OID]).value() as i64
}

/// Days from 2000-01-01 on.
pub fn read_date(datum: Datum) -> i32 {
    datum.as_one_of(&[pg_sys::DATEOID]).value() as i32
}

pub fn read_oid(datum: Datum) -> Oid {
    Oid::from(datum.as_one_of(&[pg_sys::OIDOID, pg_sys::REGCLASSOID, pg_sys::REGROLEOID]).value() as u32)
}

/// A number that is passed by value: smallint, real, double precision.
pub fn read_word(datum: Datum) -> usize {
    datum.as_one_of(&[pg_sys::INT2OID, pg_sys::FLOAT4OID, pg_sys::FLOAT8OID]).value()
}

/// The elements of a uuid[] that are not NULL.
pub fn read_uuids(array: Datum) -> Vec<Uuid> {
    let array = array.as_one_of(&[pg_sys::UUIDARRAYOID]);
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
        (0..count as usize)
            .filter(|index| !*nulls.add(*index))
            .map(|index| read_uuid(Datum::of(*values.add(index), pg_sys::UUIDOID)))
            .collect()
    }
}

/// A uuid in the current memory context.
pub fn from_uuid(id: &Uuid) -> Datum<'static> {
    // SAFETY: palloc gives 16 writable bytes or raises.
    unsafe {
        let place = pg_sys::palloc(16).cast::<u8>();
        std::ptr::copy_nonoverlapping(id.as_bytes().as_ptr(), place, 16);
        Datum::of(pg_sys::Datum::from(place), pg_sys::UUIDOID)
    }
}

/// The date in UTC.
pub fn from_date(time: Timestamp) -> Datum<'static> {
    let days = (time - Timestamp::from_microseconds(0)).whole_days() as i32;
    // SAFETY: a date is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(days), pg_sys::DATEOID) }
}

pub fn from_time(time: Timestamp) -> Datum<'static> {
    // SAFETY: a timestamptz is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(time.microseconds()), pg_sys::TIMESTAMPTZOID) }
}

pub fn from_int2(number: i16) -> Datum<'static> {
    // SAFETY: a smallint is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(number), pg_sys::INT2OID) }
}

pub fn from_int4(number: i32) -> Datum<'static> {
    // SAFETY: an integer is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(number), pg_sys::INT4OID) }
}

pub fn from_int8(number: i64) -> Datum<'static> {
    // SAFETY: a bigint is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(number), pg_sys::INT8OID) }
}

pub fn from_bool(truth: bool) -> Datum<'static> {
    // SAFETY: a boolean is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(truth), pg_sys::BOOLOID) }
}

pub fn from_oid(oid: Oid) -> Datum<'static> {
    // SAFETY: an oid is held in the value itself.
    unsafe { Datum::of(pg_sys::Datum::from(oid), pg_sys::OIDOID) }
}

/// The bytes of a text, in the database's encoding, or those that another type of this kind is stored as; they live as long as the value, or the
/// current memory context where they had to be fetched.
pub fn read_bytes<'a>(datum: Datum<'a>) -> &'a [u8] {
    // SAFETY: a varlena, there as long as the value.
    unsafe { content(unpacked(datum.as_varlena())) }
}

/// A plain or short varlena: the value itself, where it is one already, else a palloc'd copy.
///
/// # Safety
/// `datum` is a varlena.
pub(super) unsafe fn unpacked(datum: pg_sys::Datum) -> *mut pg_sys::varlena {
    // SAFETY: the caller promises that `datum` is a varlena.
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
/// `value` is a plain or short varlena.
pub(super) unsafe fn content<'a>(value: *const pg_sys::varlena) -> &'a [u8] {
    // SAFETY: the caller promises that `value` is a plain or short varlena.
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

/// A key as a string, whatever the encoding of the database: keys that differ stay different.
pub fn read_key(datum: Datum) -> String {
    encoding::to_utf8(read_bytes(datum)).into_owned()
}

pub fn read_name(datum: Datum) -> String {
    let name = datum.as_one_of(&[pg_sys::NAMEOID]);
    // SAFETY: a name is a NUL-terminated string in 64 bytes.
    unsafe { std::ffi::CStr::from_ptr(name.cast_mut_ptr()) }.to_string_lossy().into_owned()
}

/// A text in the current memory context.
pub fn from_text(text: &[u8]) -> Datum<'static> {
    // SAFETY: a text is its bytes.
    unsafe { Datum::of(from_content(text), pg_sys::TEXTOID) }
}

/// A bytea in the current memory context.
pub fn from_bytes(bytes: &[u8]) -> Datum<'static> {
    // SAFETY: a bytea is its bytes.
    unsafe { Datum::of(from_content(bytes), pg_sys::BYTEAOID) }
}

/// A varlena (varatt.h of PostgreSQL) with this content, in the current memory context; raises for more than a value can hold.
pub(super) fn from_content(content: &[u8]) -> pg_sys::Datum {
    // SAFETY: as much is allocated as is written.
    unsafe {
        let size = pg_sys::VARHDRSZ + content.len();
        let value = pg_sys::palloc(size).cast::<u8>();
        pgrx::varlena::set_varsize_4b(value.cast(), size as i32);
        std::ptr::copy_nonoverlapping(content.as_ptr(), value.add(pg_sys::VARHDRSZ), content.len());
        pg_sys::Datum::from(value)
    }
}

/// An inet in the current memory context, laid out as PostgreSQL has it (utils/inet.h): a family of its own, the length of the network's
/// part, the bytes of the address.
pub fn from_inet(address: std::net::IpAddr, bits: u8) -> Datum<'static> {
    // PGSQL_AF_INET is AF_INET, PGSQL_AF_INET6 the number behind it.
    const AF_INET: u8 = 2;
    let content = match address {
        std::net::IpAddr::V4(address) => from_content(&[&[AF_INET, bits], &address.octets()[..]].concat()),
        std::net::IpAddr::V6(address) => from_content(&[&[AF_INET + 1, bits], &address.octets()[..]].concat()),
    };
    // SAFETY: laid out as an inet.
    unsafe { Datum::of(content, pg_sys::INETOID) }
}

/// An inet.
pub fn read_inet(value: Datum) -> Option<Network> {
    value.as_one_of(&[pg_sys::INETOID]);
    // Laid out as from_inet() does.
    match read_bytes(value) {
        [_, bits, address @ ..] => {
            let v4 = || <[u8; 4]>::try_from(address).ok().map(std::net::IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(address).ok().map(std::net::IpAddr::from);
            Some(Network { address: v4().or_else(v6)?, bits: *bits })
        }
        _ => None,
    }
}

/// A copy of a uuid found in the result of a statement, which outlives the statement.
pub fn copy_uuid_out(datum: Datum) -> Datum<'static> {
    let value = datum.as_one_of(&[pg_sys::UUIDOID]);
    // SAFETY: a uuid is 16 bytes by reference; SPI copies it into its caller's memory context.
    unsafe { Datum::of(pg_sys::SPI_datumTransfer(value, false, 16), pg_sys::UUIDOID) }
}

/// As an array of values and an array of NULLs hold it.
pub(super) fn held(value: Option<Datum>) -> (pg_sys::Datum, bool) {
    (value.map_or(pg_sys::Datum::from(0usize), Datum::raw), value.is_none())
}

/// A text made of UTF-8. None when the database has another encoding and the text is not plain ASCII, and for a text with a zero byte, which PostgreSQL cannot hold.
pub fn from_utf8(text: &str) -> Option<Datum<'static>> {
    ((encoding::is_utf8() || text.is_ascii()) && !text.contains('\0')).then(|| from_text(text.as_bytes()))
}
