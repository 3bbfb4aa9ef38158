//! Statements of `sql/` are filled with values of anybody's making: each comes out as it is, in its place, whatever it holds.
#![no_main]

use audit_core::template::fill;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 3] = ["extschema", "table", "table_name"];
/// With the operators that have the sign in them.
const BETWEEN: [&str; 7] = [" ", "", " @> ", " <@ ", "'", "table", "é"];

fuzz_target!(|bytes: &[u8]| {
    let _ = filled(&mut Unstructured::new(bytes));
});

fn filled(bytes: &mut Unstructured) -> Result<()> {
    let mut values = Vec::new();
    for name in NAMES {
        values.push((name, bytes.arbitrary::<&str>()?.to_owned()));
    }
    let (mut template, mut expected) = (String::new(), String::new());
    while !bytes.is_empty() && template.len() < 1000 {
        let between = bytes.choose(&BETWEEN)?;
        let (name, value) = bytes.choose(&values)?;
        template.extend([between, "@", name, "@"]);
        expected.extend([between, value.as_str()]);
    }
    assert_eq!(fill(&template, &values), expected);
    Ok(())
}
