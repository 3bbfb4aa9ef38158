//! What the DDL guard decides about a command.

use super::reason::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// Allowed, and an audit event of this type tells who did it.
    Record(&'static str),
    Refuse(Reason),
    /// GRANT … ON ALL … IN SCHEMA: allowed for the sake of the other tables; what it gave on the trail is taken back.
    TakeBack,
    /// The documented way to get rid of the guards.
    Warn,
}
