//! `search_audit_events()`, `count_audit_events()` and `explain_audit_search()`: events that meet filters, newest first.
//!
//! Nothing limits how far a search reads but its window, its page and the caller's statement_timeout. So a page that is not full is the
//! last one.

use std::ops::ControlFlow;

use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::Order;
use audit_core::report::{IntoReport, Report};
use audit_core::search::limit;
use audit_core::search::window::Reach;
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;

use super::criteria::{BEHIND, Criteria};
use super::reader::{leaves, read, table};
use super::visibility::{ReadsForNobody, Sight, sight};
use super::{Continued, answer_page, cold, may_read, position_of};
use crate::cluster;
use crate::error::Error;
use crate::membership;
use crate::pg::call::{Answer, Call};
use crate::pg::rows::Rows;
use crate::pg::{datum, role};
use crate::storage::Storage;

/// All workspaces are for those who may read the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotForAllWorkspaces;

impl IntoReport for NotForAllWorkspaces {
    fn report(&self) -> Report {
        Report::new(SqlState::InsufficientPrivilege, "only operators and compliance officers may read all workspaces")
            .hint("Pass p_workspace_id.")
    }
}

/// Whether the caller reads what is asked for; see [`may_read`].
pub(super) fn may_search(storage: &Storage, workspace: Option<WorkspaceId>) -> Result<bool, Error> {
    if let Some(workspace) = workspace {
        return may_read(storage, workspace);
    }
    let reads_tables = |table| role::may_select(role::current_user(), table);
    if !reads_tables(storage.events) || !reads_tables(storage.archive) {
        return Err(NotForAllWorkspaces.into());
    }
    match sight(storage) {
        Sight::Everywhere => Ok(true),
        Sight::WhereMember(_) if membership::has_source(storage)? => Err(NotForAllWorkspaces.into()),
        Sight::Nowhere(why) if membership::has_source(storage)? => Err(ReadsForNobody { why }.into()),
        Sight::WhereMember(_) | Sight::Nowhere(_) => Ok(true),
    }
}

/// `search_audit_events(the filters, p_limit, p_before_event_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let criteria = Criteria::of(call, Reach::Days)?;
    let limit = limit::page(call.int4(BEHIND))?;
    cluster::tell_of_others(&storage);
    if may_search(&storage, criteria.workspace)? {
        let before = position_of(&storage, criteria.workspace, call.uuid(BEHIND + 1).map(EventId), Continued::Pages)?;
        criteria.with_query(Order::NewestFirst, before, |query| answer_page(&storage, &mut rows, query, limit))?;
    }
    Ok(Answer::Nothing)
}

/// `count_audit_events(the filters, p_up_to)`: reads no further than one event more.
pub fn count_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let criteria = Criteria::of(call, Reach::Days)?;
    let up_to = i64::from(limit::count(call.int4(BEHIND))?);
    let (mut found, mut is_exact) = (0, true);
    cluster::tell_of_others(&storage);
    if may_search(&storage, criteria.workspace)? {
        is_exact = criteria.with_query(Order::NewestFirst, None, |query| {
            read(&storage, query, |_, _, _| {
                found += 1;
                if found > up_to { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            Ok::<_, Error>(found <= up_to && !cold::tell(&storage, query)?)
        })?;
    }
    Ok(call.record(&[Some(datum::from_int8(found.min(up_to))), Some(datum::from_bool(is_exact))]))
}

/// `explain_audit_search(the filters)`: the partitions that a search to the end of the window reads, and through which index.
pub fn explain_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let criteria = Criteria::of(call, Reach::Days)?;
    if !may_search(&storage, criteria.workspace)? {
        return Ok(Answer::Nothing);
    }
    criteria.with_query(Order::NewestFirst, None, |query| {
        for tier in Tier::ALL {
            let parent = table(&storage, tier)?;
            let (default, months) = leaves(&parent, query);
            for leaf in default.into_iter().chain(months) {
                let Some(mut scan) = query.scan(leaf)? else { continue };
                let keys = scan.rows.count_entries();
                rows.push(&[
                    Some(datum::from_text(scan.name.as_bytes())),
                    Some(datum::from_bool(tier == Tier::Archive)),
                    Some(datum::from_text(scan.path.name().as_bytes())),
                    Some(datum::from_int8(keys)),
                ]);
            }
        }
        Ok(Answer::Nothing)
    })
}
