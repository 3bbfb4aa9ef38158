//! Recording: how an event gets its time and id, how it is checked, and by which route it is stored.

pub mod batch;
pub mod bulk;
pub mod context;
pub mod draft;
pub mod fast_path;
pub mod idempotency;
pub mod import;
pub mod insert;
pub mod rules;
pub mod seal;
pub mod stamp;
pub mod store;
pub mod system_event;
pub mod trigger;
