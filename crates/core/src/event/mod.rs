//! An audit event: its id, its rules, and its form in a batch.

pub mod constraint;
pub mod element;
pub mod id;
