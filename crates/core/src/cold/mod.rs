//! Cold storage: what is decided of its objects without a server.

pub mod state;
