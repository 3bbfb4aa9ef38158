//! Off-boarding: all events of a workspace are removed, whatever their age, by a request that somebody else approved.
//!
//! What they were must have left the database: a whole export of the last thirty days has the live events that are no system events, and no other. Whoever records
//! waits for nobody. So the tables are counted once under one snapshot, and an event that comes between that and the removal makes it fail.

use std::rc::Rc;

use audit_core::catalogue::POLICIES;
use audit_core::deletion::authorised::{self, Approval, OffboardingFacts};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::offboarding::OffboardingDenial;
use audit_core::deletion::requested::OFFBOARDING;
use audit_core::deletion::voucher;
use audit_core::ids::WorkspaceId;
use audit_core::tier::Tier;
use audit_core::time::{Span, Timestamp};
use audit_evidence::deletion::Entry as Content;
use serde_json::json;
use uuid::Uuid;

use super::log::{Entry, Reach};
use super::removal::Removal;
use super::{Done, authorise, journal, until_of};
use crate::cluster;
use crate::cold::order;
use crate::error::Error;
use crate::partition::leaves;
use crate::permit::Purpose;
use crate::pg::role::Acting;
use crate::pg::spi::Parameter;
use crate::pg::{clock, datum, jsonb, parameter, spi};
use crate::record::system_event::{self, SystemEvent};
use crate::storage::{Interference, Storage};

/// For so long an export counts.
const EXPORTED_DAYS: i32 = 30;

/// What the workspace has.
struct Contents {
    /// All that are to go.
    total: u64,
    /// Live ones that are no system events, and the sums of their ids.
    recorded: u64,
    ids: String,
    cold: u64,
}

fn contents(storage: &Storage, parameters: &[Parameter], until: Option<Timestamp>) -> Option<Contents> {
    let sql = storage.fill(include_str!("../../sql/deletion/whole.sql"), &[until_of(until, 3)]);
    spi::find_row_as_committed(&sql, parameters, |row| {
        let count = |number| row.int8(number).map(|count| count as u64);
        Some(Contents { total: count(1)?, recorded: count(2)?, ids: row.text(3)?, cold: count(4)? })
    })
}

fn is_exported(storage: &Storage, workspace: WorkspaceId, contents: &Contents, now: Timestamp) -> bool {
    let sql = storage.fill(include_str!("../../sql/deletion/exported.sql"), &[]);
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(now.minus_days(EXPORTED_DAYS)),
        parameter::count(contents.recorded),
        parameter::text(&contents.ids),
    ];
    spi::find_row_as_committed(&sql, &parameters, |row| row.bool(1)).unwrap_or(false)
}

/// Removes and logs. `until`: where it is done again, only what there was the first time.
pub fn execute(
    storage: &Rc<Storage>,
    workspace: WorkspaceId,
    grounds: Grounds,
    approval: &Approval,
    until: Option<Timestamp>,
) -> Result<Done, Error> {
    let removal = authorise::facts(storage, workspace)?;
    let now = removal.now;
    let mut cold = order::purge(storage, workspace)?;
    let parameters = [parameter::uuid(workspace), parameter::texts(voucher::ACTIONS), parameter::time(until)];
    let contents = contents(storage, &parameters, until).ok_or(OffboardingDenial::Recording)?;
    // Elsewhere: counted for another node, which has this one judge when it is to be done; or done long ago.
    let is_exported = matches!(approval, Approval::Elsewhere)
        // A node of a cluster that has nothing of the workspace has nothing to export.
        || (contents.recorded == 0 && cluster::is_enabled(storage))
        || is_exported(storage, workspace, &contents, now);
    let facts = OffboardingFacts { removal, cold_events: contents.cold, is_exported };
    let authorised = authorised::offboarding(&facts, approval, grounds)?;
    let mut removal = Removal::begin(storage);
    // All that is in released files is on loan: it goes with the rows, and the files with it.
    let before = until.map_or(Timestamp::FUTURE, |until| until + Span::MICROSECOND);
    cold.take_released(storage, before, &mut removal)?;
    for leaf in Tier::ALL.into_iter().flat_map(|tier| leaves::of(storage, tier)).filter(|leaf| !leaf.is_empty()) {
        let sql = storage
            .fill(include_str!("../../sql/deletion/offboard.sql"), &[("leaf", leaf.name.clone()), until_of(until, 3)]);
        removal.run(Purpose::Remove { workspace, before }, &leaf.name, &sql, &parameters)?;
    }
    if removal.total() != contents.total {
        return Err(OffboardingDenial::Recording.into());
    }
    let cutoff = removal.newest().map_or(now, |newest| newest.max(now));
    let reach = Reach { cutoff: Some(cutoff), ..Reach::default() };
    let months = removal.months();
    let entry = Entry { kind: Some(OFFBOARDING), reach, ..Entry::of_removal(&authorised, None, clock::now()) };
    let done = removal.log(storage, entry)?;
    cold.order(storage, done.entry, &months)?;
    let content = journal::entry(storage, done.entry).map(|(content, _)| content);
    // Each node of a cluster finds out for itself.
    let _untold = cluster::log::untold();
    tell(storage, workspace, &content.ok_or_else(|| super::log::unknown(done.entry))?, now)?;
    Ok(done)
}

/// The policy says that the workspace is off-boarded, and an event of no workspace does, which names the entry.
pub fn tell(storage: &Rc<Storage>, workspace: WorkspaceId, entry: &Content, at: Timestamp) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO {} AS policy (workspace_id, offboarded_at) VALUES ($1, $2) \
         ON CONFLICT (workspace_id) DO UPDATE SET offboarded_at = excluded.offboarded_at",
        storage.qualified(POLICIES)
    );
    let permit = storage.writing(POLICIES)?;
    let written = {
        let _owner = Acting::as_owner(storage.owner);
        spi::count_with(&sql, &[parameter::uuid(workspace), parameter::time(at)])
    };
    drop(permit);
    if written != 1 {
        return Err(Interference::Suppressed { table: POLICIES }.into());
    }
    let details = json!({
        "workspace_id": workspace.to_string(),
        "authority": entry.text("deletion_authority"),
        "approval_ticket_id": entry.text("approval_ticket_id"),
        "event_count": entry.count(),
    });
    system_event::record(
        storage,
        &SystemEvent {
            action_type: voucher::OFFBOARDED,
            resource_type: &entry.resource_type(),
            resource_id: Some(entry.id()),
            workspace_id: Some(datum::from_uuid(&Uuid::nil())),
            old_values: None,
            new_values: Some(jsonb::from_serde(&details)),
        },
    )
}
