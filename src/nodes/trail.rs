//! `get_audit_trail()` of nodes that act as one: each answers with its newest events, which are merged. Own events are those of the statement's snapshot, those of other
//! nodes what is committed there. Where a node gives no answer there is none: never a part of a trail.

use audit_core::ids::{EventId, UserId, WorkspaceId};
use audit_core::merge::Position;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::carry;
use crate::cluster::error::ClusterError;
use crate::cluster::{self, log, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::citus;
use crate::pg::role::{self, Acting};
use crate::pg::rows::Rows;
use crate::pg::snapshot::Fresh;
use crate::pg::{datum, parameter, quote, raise, spi, subtransaction};
use crate::storage::Storage;
use crate::trail::visibility::{self, Sight};
use crate::trail::{self, Asked};
use crate::{membership, trail::reader};

/// A row of the log reaches one node a moment before another.
const ATTEMPTS: usize = 5;
const PAUSE_MS: u64 = 100;
/// Columns of `get_audit_trail()`.
const COLUMNS: i32 = 16;

/// What a node is asked for.
#[derive(Serialize, Deserialize)]
struct Wanted {
    workspace: Uuid,
    resource_type: Option<String>,
    resource_id: Option<Uuid>,
    days: i32,
    limit: i32,
    /// Time, in microseconds, and id of the event before the page.
    behind: Option<(i64, Uuid)>,
    /// Who reads, and the user whose workspaces alone they may read.
    role: String,
    user: Option<Uuid>,
    /// The newest row of the log that the asking node has.
    newest: i64,
}

/// What is looked at of an answer.
#[derive(Deserialize)]
struct Page {
    newest: i64,
    /// The server that answered: a group may be another's by now.
    system: i64,
}

/// `get_audit_trail(p_workspace_id, p_resource_type, p_resource_id, p_days_back, p_limit, p_before_event_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    if !cluster::is_enabled(&storage) {
        return trail::call(call);
    }
    let mut rows = Rows::of(call)?;
    let asked = Asked::of(call)?;
    if !trail::may_read(&storage, asked.workspace)? {
        return Ok(Answer::Nothing);
    }
    let mut caught_up = match log::open_rows(&storage) {
        0 => None,
        _ => Some(caught_up_apart(&storage)?),
    };
    let mut wanted = wanted(&storage, &asked);
    if let Some(event) = call.uuid(5) {
        let (time, _) = position(&storage, asked.workspace, EventId(event))?;
        wanted.behind = Some((time.microseconds(), event));
    }
    let _owner = Acting::as_owner(storage.owner);
    let others = match pages(&storage, &wanted) {
        // This node was restored from a backup, and does not know what it has missed.
        Err(ClusterError::Behind { .. }) if caught_up.is_none() => {
            caught_up = Some(caught_up_apart(&storage)?);
            pages(&storage, &wanted)?
        }
        others => others?,
    };
    let own = serde_json::to_string(&wanted).unwrap_or_default();
    let sql = storage.fill(include_str!("../../sql/cluster/merge.sql"), &[]);
    let parameters = [parameter::text(&own), parameter::texts(others), parameter::int4(asked.limit)];
    spi::read_with(&sql, &parameters, |row| {
        let values: Vec<_> = (1..=COLUMNS).map(|column| row.column(column)).collect();
        rows.push(&values);
    });
    drop(caught_up);
    for node in node::registered(&storage)?.into_iter().filter(|node| node.is_retired) {
        raise::tell(&KeptElsewhere { group: node.group });
    }
    Ok(Answer::Nothing)
}

/// A node was retired: its events are not read.
struct KeptElsewhere {
    group: i32,
}

impl IntoReport for KeptElsewhere {
    fn report(&self) -> Report {
        let message = format!("the trail of the node of group {}, which was retired, is not read", self.group);
        Report::new(SqlState::SuccessfulCompletion, message)
            .hint("audit_cluster_nodes tells where it is kept: SELECT reason FROM audit_cluster_nodes WHERE retired_at IS NOT NULL.")
    }
}

fn wanted(storage: &Storage, asked: &Asked) -> Wanted {
    let user = match visibility::sight(storage) {
        Sight::WhereMember(user) => Some(user.0),
        _ => None,
    };
    Wanted {
        workspace: asked.workspace.0,
        resource_type: asked.resource_type.map(datum::read_text),
        resource_id: asked.resource_id,
        days: asked.days,
        limit: asked.limit,
        behind: None,
        role: role::name(role::current_user()),
        user,
        newest: 0,
    }
}

/// After catching up a fresh snapshot is read.
fn caught_up_apart(storage: &Storage) -> Result<Fresh, Error> {
    carry::catch_up_apart(storage)?;
    Ok(Fresh::take())
}

/// Where an event is in the order of the trail, on whichever node.
fn position(storage: &Storage, workspace: WorkspaceId, event: EventId) -> Result<Position, Error> {
    if let Some(found) = reader::find(storage, Some(workspace), event)? {
        return Ok(found);
    }
    let _owner = Acting::as_owner(storage.owner);
    // Of the type that the function takes: another one of its name is not called there.
    let literal = |id: Uuid| format!("{}::pg_catalog.uuid", quote::literal(&id.to_string()));
    let function = storage.qualified("audit_cluster_position");
    let query = format!("SELECT {function}({}, {})", literal(workspace.0), literal(event.0));
    match node::ask_others(&query)?.into_iter().find_map(|(_, time)| time.parse().ok()) {
        Some(time) => Ok((Timestamp::from_microseconds(time), event)),
        None => Err(trail::no_such_event(storage, workspace, event)?),
    }
}

/// `audit_cluster_position(p_workspace_id, p_event_id)`: the time of an event of this node, in microseconds; NULL if it has none of that id.
pub fn position_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let (Some(workspace), Some(event)) = (call.uuid(0), call.uuid(1)) else { return Ok(Answer::Null) };
    let found = reader::find(&storage, Some(WorkspaceId(workspace)), EventId(event))?;
    Ok(found.map_or(Answer::Null, |(time, _)| Answer::Value(datum::from_int8(time.microseconds()))))
}

/// The pages of the other nodes, as text: what their events hold is left to PostgreSQL, which keeps every digit.
fn pages(storage: &Storage, wanted: &Wanted) -> Result<Vec<String>, ClusterError> {
    let mut attempt = 1;
    loop {
        match pages_now(storage, wanted) {
            Err(ClusterError::Behind { .. } | ClusterError::NoAnswer { .. }) if attempt < ATTEMPTS => {
                attempt += 1;
                subtransaction::sleep_interruptibly(PAUSE_MS);
            }
            pages => return pages,
        }
    }
}

fn pages_now(storage: &Storage, wanted: &Wanted) -> Result<Vec<String>, ClusterError> {
    let newest = log::newest_elsewhere(storage);
    let mut asked = serde_json::to_value(wanted).unwrap_or_default();
    asked["newest"] = Value::from(newest);
    let sql =
        storage.fill(include_str!("../../sql/cluster/page.sql"), &[("wanted", quote::literal(&asked.to_string()))]);
    let pages: Vec<String> = node::ask_others(&sql)?.into_iter().map(|(_, page)| page).collect();
    let answers: Vec<Page> = pages.iter().filter_map(|page| serde_json::from_str(page).ok()).collect();
    node::demand_all(storage, answers.iter().map(|page| page.system))?;
    match answers.iter().map(|page| page.newest).max() {
        Some(theirs) if theirs > newest => {
            Err(ClusterError::Behind { node: format!("this one (group {})", citus::group()), rows: theirs - newest })
        }
        _ => Ok(pages),
    }
}

/// `audit_cluster_page(p_wanted)`: the newest events of this node, for a node that merges them. The rights are those of the reader on this node.
pub fn page_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let unreadable = || ClusterError::Unreadable { ordinal: 0 };
    let wanted: Wanted = serde_json::from_str(&call.text(0).unwrap_or_default()).map_err(|_| unreadable())?;
    // This node's own page is of the statement's snapshot; what another node is given is what is committed.
    let _fresh = match wanted.newest {
        0 => None,
        newest => {
            demand_log(&storage, newest)?;
            Some(Fresh::take())
        }
    };
    if !may_read_here(&storage, &wanted.role) {
        return Err(ClusterError::NoReader { role: wanted.role }.into());
    }
    let workspace = WorkspaceId(wanted.workspace);
    if let Some(user) = wanted.user
        && membership::is_member(&storage, workspace, UserId(user))? == Some(false)
    {
        return Ok(Answer::Nothing);
    }
    let resource_type = wanted.resource_type.as_deref().map(|text| datum::from_text(text.as_bytes()));
    let (days, limit) = (wanted.days, wanted.limit);
    let asked = Asked { workspace, resource_type, resource_id: wanted.resource_id, days, limit };
    let behind = wanted.behind.map(|(time, id)| (Timestamp::from_microseconds(time), EventId(id)));
    trail::answer(&storage, &mut rows, &asked, behind)?;
    Ok(Answer::Nothing)
}

/// `audit_cluster_newest()`: the newest row of the log that this node knows of.
pub fn newest_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    Ok(Answer::Value(datum::from_int8(log::newest(&storage))))
}

/// This node has carried out all that the node which asks knows of.
fn demand_log(storage: &std::rc::Rc<Storage>, asked: i64) -> Result<(), Error> {
    if log::newest_applied(storage) < asked {
        carry::catch_up(storage)?;
    }
    Ok(log::demand_applied(storage, asked)?)
}

fn may_read_here(storage: &Storage, role: &str) -> bool {
    let sql = "SELECT pg_catalog.has_function_privilege(role.oid, f.oid, 'EXECUTE') FROM pg_catalog.pg_roles AS role, pg_catalog.pg_proc AS f \
               WHERE role.rolname = $1 AND f.proname = 'get_audit_trail' AND f.pronamespace = $2";
    spi::find_row_with(sql, &[parameter::text(role), parameter::oid(storage.schema)], |row| row.bool(1))
        .unwrap_or(false)
}
