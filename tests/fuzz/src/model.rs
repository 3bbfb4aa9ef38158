//! A document as plain Rust has it, made of whatever bytes the fuzzer gives, stored by [`audit_core::jsonb::write`] and read back by
//! [`audit_core::jsonb::read`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use libfuzzer_sys::arbitrary::{Result, Unstructured};

use audit_core::jsonb::read::{Container, StoredValue as Read};
use audit_core::jsonb::write::{self, Value as Written};
use audit_core::jsonb::{Document, Stored};

#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    Null,
    Bool(bool),
    Text(Vec<u8>),
    Numeric(Vec<u8>),
    Array(Vec<Model>),
    Object(BTreeMap<Vec<u8>, Model>),
    /// A document that was stored before.
    Stored(Box<Model>),
}

impl Model {
    /// Nested `depth` times at most.
    pub fn any(bytes: &mut Unstructured, depth: u8) -> Result<Model> {
        Ok(match bytes.int_in_range(0..=if depth == 0 { 3 } else { 6 })? {
            0 => Model::Null,
            1 => Model::Bool(bytes.arbitrary()?),
            2 => Model::Text(some(bytes)?),
            // The length word of a numeric, and what follows it.
            3 => Model::Numeric([&[0; 4], &some(bytes)?[..]].concat()),
            4 => Model::Array(Model::many(bytes, |bytes| Model::any(bytes, depth - 1))?),
            5 => Model::Object(
                Model::many(bytes, |bytes| Ok((some(bytes)?, Model::any(bytes, depth - 1)?)))?.into_iter().collect(),
            ),
            _ => Model::Stored(Box::new(Model::any(bytes, depth - 1)?)),
        })
    }

    fn many<T>(bytes: &mut Unstructured, mut one: impl FnMut(&mut Unstructured) -> Result<T>) -> Result<Vec<T>> {
        let count: u8 = bytes.arbitrary()?;
        (0..count).take_while(|_| !bytes.is_empty()).collect::<Vec<_>>().into_iter().map(|_| one(bytes)).collect()
    }

    /// As [`write`] is given it; `shelf` keeps what was stored before.
    fn written<'a>(&self, shelf: &'a Shelf) -> Written<'a> {
        match self {
            Model::Null => Written::Null,
            Model::Bool(is) => Written::Bool(*is),
            Model::Text(text) => Written::Text(Cow::Owned(text.clone())),
            Model::Numeric(number) => Written::Numeric(shelf.keep(number.clone())),
            Model::Array(elements) => Written::Array(elements.iter().map(|element| element.written(shelf)).collect()),
            Model::Object(fields) => Written::Object(
                fields.iter().map(|(key, value)| (Cow::Owned(key.clone()), value.written(shelf))).collect(),
            ),
            Model::Stored(model) => Written::Jsonb(shelf.keep(model.stored(shelf).stored().bytes().to_vec())),
        }
    }

    /// The container of a jsonb: of the object or array, or of a single value.
    pub fn stored(&self, shelf: &Shelf) -> Document {
        match self.written(shelf) {
            Written::Object(fields) => write::object(fields),
            Written::Array(elements) => write::array(elements),
            Written::Jsonb(container) => Read::Container(container).alone(),
            Written::Null => Read::Null.alone(),
            Written::Bool(is) => Read::Bool(is).alone(),
            Written::Text(text) => Read::Text(&text).alone(),
            Written::Numeric(number) => Read::Numeric(number).alone(),
        }
    }

    /// Asserts that the container holds just this.
    pub fn is_in(&self, container: Stored) {
        let read = Container::of(container).expect("a container");
        match self {
            Model::Object(fields) => {
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_by_key(|(key, _)| (key.len(), *key));
                assert!(read.is_object() && !read.is_array() && read.is_empty() == fields.is_empty());
                assert!(read.fields().map(|(key, _)| key).eq(sorted.iter().map(|(key, _)| &key[..])));
                sorted.iter().zip(read.fields()).for_each(|((_, model), (_, value))| model.is(value));
            }
            Model::Array(elements) => {
                assert!(read.is_array() && read.elements().count() == elements.len());
                elements.iter().zip(read.elements()).for_each(|(model, value)| model.is(value));
            }
            Model::Stored(model) => model.is_in(container),
            scalar => {
                assert!(!read.is_array() && !read.is_object() && read.elements().count() == 1);
                read.elements().for_each(|value| scalar.is(value));
            }
        }
        assert_eq!(write::is_null(container), *self.bare() == Model::Null);
    }

    /// Without having been stored before.
    pub fn bare(&self) -> &Model {
        if let Model::Stored(model) = self { model.bare() } else { self }
    }

    fn is(&self, value: Read) {
        match (self.bare(), value) {
            (Model::Null, Read::Null) => {}
            (Model::Bool(is), Read::Bool(read)) => assert_eq!(*is, read),
            (Model::Text(text), Read::Text(read)) => assert_eq!(text, read),
            (Model::Numeric(number), Read::Numeric(read)) => assert_eq!(number, read.bytes()),
            (model @ (Model::Array(_) | Model::Object(_)), Read::Container(container)) => model.is_in(container),
            (model, value) => panic!("{model:?} was read as {value:?}"),
        }
    }
}

fn some(bytes: &mut Unstructured) -> Result<Vec<u8>> {
    let length = bytes.int_in_range(0..=40)?.min(bytes.len());
    Ok(bytes.bytes(length)?.to_vec())
}

/// Keeps bytes that values point to.
#[derive(Default)]
pub struct Shelf(std::cell::RefCell<Vec<Box<[u8]>>>);

impl Shelf {
    fn keep(&self, bytes: Vec<u8>) -> Stored<'_> {
        let bytes = bytes.into_boxed_slice();
        // SAFETY: the box is kept, and never changed, for as long as the shelf is.
        let kept = unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        self.0.borrow_mut().push(bytes);
        Stored::by_postgres(kept)
    }
}
