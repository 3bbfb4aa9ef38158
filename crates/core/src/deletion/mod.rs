//! Decisions about the removal of events: who may remove them, when, and on what grounds.

pub mod authorised;
pub mod denial;
pub mod grounds;
pub mod hold;
pub mod offboarding;
pub mod person;
pub mod request_state;
pub mod requested;
pub mod voucher;
