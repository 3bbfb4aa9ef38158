//! Removing what must not be kept: who may, and when.

pub mod denial;
pub mod request_state;
