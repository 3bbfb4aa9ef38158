//! Which row of a source cannot be read. PostgreSQL does not say: it read all of them for one answer, and the error ended it.
//!
//! So parts of the source are read, those of half the hashes of `source_id`, of a quarter of them, and so on, until one name is left. It is told only
//! if the rows beside it can be read: where each part fails, the cause is not a row, or cannot be told apart by the name of a row.

use audit_core::import::halves::{Halves, Part};

use super::source::Source;
use crate::pg::raised::{Raised, catch};
use crate::pg::subtransaction;

/// Errors of these classes say nothing of a row: lost connections, lack of memory or disk, locks, somebody's interference, defects.
const NOT_OF_A_ROW: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

/// The `source_id` of a row that raises an error of this code when it is read.
pub fn culprit(source: &Source, sqlstate: &str) -> Option<String> {
    if NOT_OF_A_ROW.iter().any(|class| sqlstate.starts_with(class)) {
        return None;
    }
    let mut halves = Halves::new();
    loop {
        let (least, greatest) = undone(|| source.names_in(halves.whole())).ok()??;
        if least == greatest {
            return halves.is_told_apart().then_some(least);
        }
        let [low, high] = halves.parts()?;
        let read = |part: Part| match undone(|| source.count_in(part)) {
            Ok(count) => Some(Ok(count)),
            Err(raised) => (raised.sqlstate() == sqlstate).then_some(Err(())),
        };
        halves.take(read(low)?, read(high)?)?;
    }
}

/// What was read; what functions of the source wrote meanwhile is undone.
fn undone<T>(read: impl FnOnce() -> T) -> Result<T, Raised> {
    catch(|| {
        let mut made = None;
        subtransaction::attempt(|| {
            made = Some(read());
            false
        });
        made.unwrap_or_else(|| unreachable!("an attempt runs its work"))
    })
}
