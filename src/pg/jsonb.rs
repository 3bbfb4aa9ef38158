//! jsonb as it is stored: compared, taken apart and put together without going through text.

use pgrx::pg_sys::{self, Datum, JsonbIteratorToken as Token, jbvType};

use super::jsonb_layout::{self, Object};

/// A detoasted jsonb value.
#[derive(Clone, Copy)]
pub struct Jsonb {
    value: *mut pg_sys::Jsonb,
}

/// One value inside a jsonb document; points into the document.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Null,
    Text(&'a [u8]),
    Array(Container),
    Object(Container),
    /// A number or boolean.
    Scalar,
}

/// A nested array or object.
#[derive(Clone, Copy)]
pub struct Container {
    container: *mut pg_sys::JsonbContainer,
}

impl Jsonb {
    /// The answer lives as long as the value or the current memory context.
    pub fn of(datum: Datum) -> Jsonb {
        // SAFETY: detoasting gives the plain header of four bytes that the container follows.
        Jsonb { value: unsafe { pg_sys::pg_detoast_datum(datum.cast_mut_ptr()) }.cast() }
    }

    /// The container as it is stored.
    pub fn bytes<'a>(&self) -> &'a [u8] {
        // SAFETY: a varlena with a plain header of four bytes, which the container follows.
        unsafe {
            let size = pgrx::varlena::varsize_4b(self.value.cast());
            std::slice::from_raw_parts(self.value.cast::<u8>(), size).get(pg_sys::VARHDRSZ..).unwrap_or_default()
        }
    }

    pub fn root(&self) -> Container {
        // SAFETY: the container follows the header.
        Container { container: unsafe { &raw mut (*self.value).root } }
    }
}

const JB_FSCALAR: u32 = 0x1000_0000;
const JB_FOBJECT: u32 = 0x2000_0000;
const JB_FARRAY: u32 = 0x4000_0000;
const JB_CMASK: u32 = 0x0FFF_FFFF;

impl Container {
    fn header(&self) -> u32 {
        // SAFETY: points at a container.
        unsafe { (*self.container).header }
    }

    pub fn is_object(&self) -> bool {
        self.header() & JB_FOBJECT != 0
    }

    pub fn is_array(&self) -> bool {
        self.header() & JB_FARRAY != 0 && self.header() & JB_FSCALAR == 0
    }

    pub fn is_empty(&self) -> bool {
        self.header() & JB_CMASK == 0
    }

    /// The elements of an array or the fields of an object, in stored order.
    fn members<'a>(self) -> Members<'a> {
        // SAFETY: the iterator is palloc'd and walks the container.
        let iterator = unsafe { pg_sys::JsonbIteratorInit(self.container) };
        Members { iterator, document: std::marker::PhantomData }
    }

    pub fn elements<'a>(self) -> impl Iterator<Item = Element<'a>> {
        self.members().filter_map(|member| match member {
            Member::Element(value) => Some(value),
            Member::Field(..) => None,
        })
    }

    pub fn fields<'a>(self) -> impl Iterator<Item = (&'a [u8], Element<'a>)> {
        self.members().filter_map(|member| match member {
            Member::Field(key, value) => Some((key, value)),
            Member::Element(_) => None,
        })
    }
}

/// A value with its binary form, so that it can be kept as it is.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    raw: pg_sys::JsonbValue,
    document: std::marker::PhantomData<&'a [u8]>,
}

impl<'a> Element<'a> {
    pub fn value(&self) -> Value<'a> {
        // SAFETY: the tag says which member of the union is set.
        unsafe {
            match self.raw.type_ {
                jbvType::jbvNull => Value::Null,
                jbvType::jbvString => Value::Text(std::slice::from_raw_parts(
                    self.raw.val.string.val.cast::<u8>(),
                    self.raw.val.string.len as usize,
                )),
                jbvType::jbvBinary => {
                    let container = Container { container: self.raw.val.binary.data };
                    if container.is_object() { Value::Object(container) } else { Value::Array(container) }
                }
                _ => Value::Scalar,
            }
        }
    }

    /// The value as a jsonb of its own.
    pub fn to_jsonb(self) -> Datum {
        let mut raw = self.raw;
        // SAFETY: raw points into a document that is still there.
        Datum::from(unsafe { pg_sys::JsonbValueToJsonb(&mut raw) })
    }
}

enum Member<'a> {
    Element(Element<'a>),
    Field(&'a [u8], Element<'a>),
}

struct Members<'a> {
    iterator: *mut pg_sys::JsonbIterator,
    document: std::marker::PhantomData<&'a [u8]>,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let element = |raw| Element { raw, document: std::marker::PhantomData };
        loop {
            // SAFETY: JsonbIteratorNext fills the value it is given; nested containers are not entered. Keys are
            // strings inside the document.
            unsafe {
                let mut raw: pg_sys::JsonbValue = std::mem::zeroed();
                match pg_sys::JsonbIteratorNext(&mut self.iterator, &mut raw, true) {
                    Token::WJB_DONE => return None,
                    Token::WJB_ELEM => return Some(Member::Element(element(raw))),
                    Token::WJB_KEY => {
                        let key =
                            std::slice::from_raw_parts(raw.val.string.val.cast::<u8>(), raw.val.string.len as usize);
                        let mut value: pg_sys::JsonbValue = std::mem::zeroed();
                        pg_sys::JsonbIteratorNext(&mut self.iterator, &mut value, true);
                        return Some(Member::Field(key, element(value)));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Sorted names of the top-level keys that differ between two objects; None unless both are objects.
pub fn changed_keys<'a>(old: &'a Jsonb, new: &'a Jsonb) -> Option<Vec<&'a [u8]>> {
    Some(jsonb_layout::changed_keys(Object::of(old.bytes())?, Object::of(new.bytes())?, same))
}

/// Whether two numbers or two containers whose bytes differ are equal as jsonb's own `=` says.
fn same(a: jsonb_layout::Value, b: jsonb_layout::Value) -> bool {
    use jsonb_layout::Value::{Container, Numeric};
    // SAFETY: both point into documents, at a numeric or a container, aligned as they were stored.
    unsafe {
        match (a, b) {
            (Numeric(a), Numeric(b)) => {
                let [a, b] = [a, b].map(|bytes| Some(Datum::from(bytes.as_ptr())));
                pgrx::direct_function_call::<bool>(pg_sys::numeric_eq, &[a, b]) == Some(true)
            }
            (Container(a), Container(b)) => {
                pg_sys::compareJsonbContainers(a.as_ptr().cast_mut().cast(), b.as_ptr().cast_mut().cast()) == 0
            }
            _ => false,
        }
    }
}

/// A row of a table of ours as a jsonb object. Only for tables whose types are all built in: the conversion of a
/// user's type could run the user's code.
///
/// # Safety
/// `row` is a composite value of type `row_type`.
pub unsafe fn of_own_row(row: Datum, row_type: pg_sys::Oid) -> Datum {
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
        pg_sys::FunctionCall1Coll(&mut function, pg_sys::InvalidOid, row)
    }
}

/// A jsonb made of the bytes of its container, as [`crate::capture::document`] writes them.
pub fn from_container(container: &[u8]) -> Datum {
    // SAFETY: as much is allocated as is written; a document larger than Postgres allows raises in palloc.
    unsafe {
        let size = container.len() + pg_sys::VARHDRSZ;
        let value = pg_sys::palloc(size).cast::<u8>();
        pgrx::varlena::set_varsize_4b(value.cast(), size as i32);
        std::ptr::copy_nonoverlapping(container.as_ptr(), value.add(pg_sys::VARHDRSZ), container.len());
        Datum::from(value)
    }
}

/// A container as JSON text.
pub fn text_of(container: &[u8]) -> Vec<u8> {
    let document = Jsonb::of(from_container(container));
    // SAFETY: the answer is a palloc'd C string that is copied.
    unsafe {
        let text = pg_sys::JsonbToCString(std::ptr::null_mut(), document.root().container, container.len() as i32);
        std::ffi::CStr::from_ptr(text).to_bytes().to_vec()
    }
}

/// A small document of our own making, as jsonb.
pub fn from_serde(document: &serde_json::Value) -> Datum {
    let text = std::ffi::CString::new(document.to_string().replace("\\u0000", "")).unwrap_or_default();
    // SAFETY: jsonb_in takes a C string and never answers NULL.
    unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(Datum::from(text.as_ptr()))]) }
        .unwrap_or(Datum::from(0usize))
}
