//! What the formats of security products call the producer of an event.

pub const VENDOR: &str = "audit_ext";
pub const PRODUCT: &str = "audit_ext";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
