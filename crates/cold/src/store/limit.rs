//! How much goes over the wire at once, and how long a store is waited for.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

/// What goes over the wire in one request. S3 takes ten thousand parts of a file.
pub const PART: u64 = 8 << 20;
/// What nobody finished for so long, nobody will.
pub const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);
/// No answer to one request for so long is an error.
pub const TIMEOUT: Duration = Duration::from_secs(60);
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A request is repeated after errors that may pass, for so long altogether.
pub const RETRY_TIMEOUT: Duration = Duration::from_secs(120);
pub const RETRIES: usize = 5;

/// The next piece of a file; None at its end.
pub fn next_part(file: &mut File) -> object_store::Result<Option<Vec<u8>>> {
    let mut part = Vec::new();
    let read = file.take(PART).read_to_end(&mut part);
    read.map_err(|error| object_store::Error::Generic { store: "spool", source: Box::new(error) })?;
    Ok((!part.is_empty()).then_some(part))
}

pub fn retries() -> object_store::RetryConfig {
    object_store::RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT, ..Default::default() }
}
