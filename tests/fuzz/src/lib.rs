//! The files of the extension that read bytes or text without a server, as they are, in the places where they look for each other.
//!
//! Each target (tests/fuzz/targets) feeds one of them what libFuzzer thinks of; a panic is a finding.

#![allow(dead_code)]

#[path = "../../../src/request.rs"]
pub mod request;

#[path = "../../../src/pg"]
pub mod pg {
    pub mod jsonb_layout;
    pub mod template;
}

#[path = "../../../src/capture"]
pub mod capture {
    pub mod document;
    pub mod options;
}

#[path = "../../../src/event"]
pub mod event {
    pub mod element;
    pub mod id;
}

pub mod model;
