//! Cold storage: what is decided of its objects without a server.

pub mod conflict;
pub mod content;
pub mod erasure;
pub mod location;
pub mod manifest;
pub mod obstacle;
pub mod refusal;
pub mod state;
