//! Chunks on their way to the database and back. One may have 32 MiB and more, and the client library holds a message twice before it is sent, so no
//! further copy is kept meanwhile.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use postgres::Row;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};

/// A chunk as a parameter. It is let go as soon as it is in the message.
#[derive(Debug)]
pub struct Sent(Mutex<Vec<u8>>);

impl Sent {
    pub fn new(chunk: Vec<u8>) -> Sent {
        Sent(Mutex::new(chunk))
    }
}

impl ToSql for Sent {
    fn to_sql(&self, _: &Type, message: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let chunk = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // Not only its length: the reader takes memory of a size that is given back to the system.
        message.reserve(chunk.capacity());
        message.extend_from_slice(&chunk);
        Ok(IsNull::No)
    }

    accepts!(BYTEA);
    to_sql_checked!();
}

/// A chunk as it was answered, in the memory of the answer.
struct Answered(Row);

impl AsRef<[u8]> for Answered {
    fn as_ref(&self) -> &[u8] {
        self.0.get::<_, Option<&[u8]>>(0).unwrap_or_default()
    }
}

/// What the first column of an answer holds; None: NULL.
pub fn answered(row: Row) -> Option<Bytes> {
    let is_null = row.get::<_, Option<&[u8]>>(0).is_none();
    (!is_null).then(|| Bytes::from_owner(Answered(row)))
}
