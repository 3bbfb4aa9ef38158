//! What the targets (tests/fuzz/targets) compare with. Each feeds one reader of bytes or text what libFuzzer thinks of; a panic is a finding.

pub mod model;
