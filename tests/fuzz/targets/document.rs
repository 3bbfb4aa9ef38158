//! Whatever capture writes is read back as it was: by the reader of the same extension, and in the alignment that the server demands.
#![no_main]

use fuzz::model::{Model, Shelf};
use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = Model::any(&mut Unstructured::new(bytes), 5) else { return };
    model.is_in(model.stored(&Shelf::default()).stored());
});
