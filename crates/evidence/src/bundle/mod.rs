//! A bundle: a log as text, a JSON object a line. Of a workspace: its events, what was deleted of them and its heads. Of the root log: all heads.
//!
//! Each line has one form, so a line that was changed in any byte is either no line or says something else, which the hashes tell.

mod line;
mod write;

pub use line::{Deletion, Event, Head, Header, Line, NotALine, Removed, RootHead, Vouching};
