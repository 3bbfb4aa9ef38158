//! Cold storage: what is decided of its objects without a server.

pub mod content;
pub mod erasure;
pub mod refusal;
pub mod state;
