//! An audit event: its columns, its ids, its rules, and its form in a batch.

pub mod action;
pub mod column;
pub mod constraint;
pub mod element;
pub mod erasure;
pub mod id;
pub mod idempotency;
pub mod resource_id;
pub mod seal;
pub mod stamp;
