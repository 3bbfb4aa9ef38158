//! An audit event: its columns, how it gets time and id, how it is checked and stored.

pub mod batch;
pub mod bulk;
pub mod context;
pub mod digest;
pub mod direct;
pub mod erase;
pub mod insert;
pub mod own;
pub mod resource;
pub mod row;
pub mod rules;
pub mod stamp;
pub mod trigger;
