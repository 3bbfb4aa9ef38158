//! What the formats of security products ask of every event, whatever they call it.

use std::net::IpAddr;

use super::array;
use super::event::Event;
use super::verb::is_failure;

/// Whom or what an event is about, as far as security products tell resources apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A user's account.
    Account,
    /// A membership of the workspace.
    Membership,
    /// Anything else.
    Entity,
}

impl Subject {
    pub fn of(event: &Event) -> Subject {
        match event.resource_type.to_ascii_lowercase().as_str() {
            "user" | "users" | "account" | "accounts" => Subject::Account,
            "member" | "members" | "membership" | "memberships" => Subject::Membership,
            _ => Subject::Entity,
        }
    }
}

pub fn word(event: &Event) -> &'static str {
    if is_failure(event.action_type) { "failure" } else { "success" }
}

/// The address of the client without the mask, which a column of type inet may have.
pub fn address(event: &Event) -> Option<IpAddr> {
    event.ip_address?.split('/').next()?.parse().ok()
}

/// The tags that are not NULL.
pub fn tags(event: &Event) -> Option<Vec<String>> {
    Some(array::flat(event.tags?).into_iter().flatten().collect())
}

/// Milliseconds since 1970.
pub fn milliseconds(event: &Event) -> i64 {
    event.created_at.unix().unwrap_or_default().div_euclid(1000)
}
