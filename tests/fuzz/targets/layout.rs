//! Bytes that may be no jsonb at all are read as one: nothing is read outside them, and what is found is found again.
#![no_main]

use audit_core::jsonb::Stored;
use audit_core::jsonb::read::{Container, StoredValue, changed_keys};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    walk(bytes, &mut 1000);
    let (old, new) = bytes.split_at(bytes.len() / 2);
    let (Some(old), Some(new)) = (Container::of(Stored::by_postgres(old)), Container::of(Stored::by_postgres(new)))
    else {
        return;
    };
    let changed = changed_keys(old, new, |a, b| a == b);
    assert!(changed.is_sorted(), "sorted by name");
    assert!(changed.len() <= old.fields().count() + new.fields().count());
    assert!(changed_keys(old, old, |_, _| unreachable!("the same bytes are the same")).is_empty());
});

/// Entries may overlap, so that a few bytes hold any number of values: `patience` bounds the walk.
fn walk(bytes: &[u8], patience: &mut usize) {
    let Some(container) = Container::of(Stored::by_postgres(bytes)) else { return };
    let values = container.elements().chain(container.fields().map(|(key, value)| {
        assert!(lies_in(key, bytes));
        value
    }));
    for value in values {
        match value {
            StoredValue::Container(inner) => {
                let inner = inner.bytes();
                assert!(lies_in(inner, bytes) && inner.len() < bytes.len());
                if let Some(left) = patience.checked_sub(1) {
                    *patience = left;
                    walk(inner, patience);
                }
            }
            StoredValue::Text(inner) => {
                assert!(lies_in(inner, bytes));
                comes_back(value);
            }
            StoredValue::Numeric(inner) => {
                assert!(lies_in(inner.bytes(), bytes));
                comes_back(value);
            }
            StoredValue::Null | StoredValue::Bool(_) => comes_back(value),
        }
    }
}

fn lies_in(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty()
        || whole.as_ptr_range().start <= part.as_ptr() && part.as_ptr_range().end <= whole.as_ptr_range().end
}

/// A value by itself is an array of one element with a mark.
fn comes_back(value: StoredValue) {
    let alone = value.alone();
    let container = Container::of(alone.stored()).expect("a container");
    assert!(!container.is_array() && !container.is_object());
    assert!(container.elements().eq([value]));
}
