//! Removing what must not be kept: who may, when, and on what grounds.

pub mod authorised;
pub mod denial;
pub mod grounds;
pub mod hold;
pub mod request_state;
