//! The argument of a capture trigger, which the owner of a tracked table can write by hand: read without harm, and what is read is written and
//! read back.
#![no_main]

use audit_core::capture_options::Options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|argument: &str| {
    let Some(options) = Options::from_argument(argument) else { return };
    let again = Options::from_argument(&options.to_argument());
    assert_eq!(again.as_ref(), Some(&options));
    let mut renamed = options.clone();
    renamed.column_renamed("a", "b");
    assert!(!renamed.masked.iter().any(|name| name == "a") && renamed.masked.len() == options.masked.len());
    renamed.forget_columns(|name| name != "b");
    assert!(!renamed.ignored.iter().any(|name| name == "b"));
});
