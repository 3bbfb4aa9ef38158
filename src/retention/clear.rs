//! `audit_clear_unused_policies()`: removes policies of workspaces that no longer exist.
//!
//! A policy row is inserted with the first event of a workspace, whoever invented the workspace. A row that nobody has changed only repeats
//! the defaults, so nothing depends on it. It may be removed when nothing else refers to the workspace. If somebody records an event at
//! that moment, the next event inserts the row again.

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
