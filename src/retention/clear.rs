//! `audit_clear_unused_policies()`: policies of workspaces that are no more.
//!
//! A policy appears with a workspace's first event, whoever invented the workspace. One that nobody changed says what holds without it, so
//! nothing depends on whether it is there; it may go when nothing else tells of the workspace. Whoever records an event at that moment
//! finds no row, or a row that goes: the next event makes it.

use audit_core::catalogue::POLICIES;
use audit_core::retention::Terms;
use serde_json::json;

use crate::error::Error;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::guc::LocalSettings;
use crate::pg::{datum, jsonb, relation, spi};
use crate::policy::Policy;
use crate::record::system_event::{self, SystemEvent};
use crate::storage::Storage;

pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let days = |days: i32| days.to_string();
    let values = [
        ("hot_days", days(Terms::DEFAULT.hot_days)),
        ("warm_days", days(Terms::DEFAULT.warm_days)),
        ("approval_expiry_days", days(Policy::DEFAULT.approval_expiry_days)),
        ("cooling_off_days", days(Policy::DEFAULT.cooling_off_days)),
    ];
    let sql = storage.fill(include_str!("../../sql/retention/clear_unused.sql"), &values);
    let policies = storage.essential(POLICIES);
    let cleared = {
        // Each look goes by the key of the events, whatever the statistics say of a table that has just grown.
        let by_key = LocalSettings::new();
        by_key.set(c"enable_seqscan", c"off");
        let permit = Permit::issue(Purpose::ClearUnused { table: policies })?;
        let cleared = spi::count(&sql);
        if permit.admitted() != cleared {
            return Err(Breach::Surplus { table: POLICIES.to_owned() }.into());
        }
        cleared
    };
    if cleared > 0 {
        // Backends remember which workspaces have a policy.
        relation::tell_changed(policies);
        system_event::record(
            &storage,
            &SystemEvent {
                action_type: "AUDIT_UNUSED_POLICIES_CLEARED",
                resource_type: POLICIES,
                resource_id: None,
                workspace_id: None,
                old_values: None,
                new_values: Some(jsonb::from_serde(&json!({ "policies": cleared }))),
            },
        )?;
    }
    Ok(Answer::Value(datum::from_int8(cleared as i64)))
}
