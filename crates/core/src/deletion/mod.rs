//! Removing what must not be kept: who may, and when.

pub mod request_state;
