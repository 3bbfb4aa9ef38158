//! Deletion on request: one person requests it and another one approves it. Then it is carried out, at once or after a cooling-off period.
//!
//! [`audit_core::deletion::request_state`] decides. Here a request's row is locked and read, so that of two approvers one executes and the
//! other finds it done. It is written under a permit that only this module issues, and [`crate::nodes::row`], which carries rows from other nodes.

use std::rc::Rc;

use audit_core::argument::{self, Argument};
use audit_core::catalogue::REQUESTS;
use audit_core::deletion::authorised::{Approval, Erasure};
use audit_core::deletion::grounds::{self, Grounds};
use audit_core::deletion::person::PersonErasure;
use audit_core::deletion::request_state::{self, Refusal, RequestFacts, RequestState, Step};
use audit_core::deletion::requested::Requested;
use audit_core::ids::{UserId, WorkspaceId};
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;
use uuid::Uuid;

use super::authorise;
use super::backing::{self, APPROVED, REQUESTED, Signed, Unproven};
use super::person::{self, Concerned, Terms};
use super::{Done, erase, offboard, purge, user_argument, workspace_argument};
use crate::cluster;
use crate::cluster::error::ClusterError;
use crate::cluster::removal::{Wanted, What, everywhere};
use crate::cold::release;
use crate::error::Error;
use crate::interlock;
use crate::pg::call::{Answer, Call};
use crate::pg::spi::{self, Parameter};
use crate::pg::{clock, parameter};
use crate::principal::Principal;
use crate::storage::{Interference, Storage};

/// A request as it stands, locked.
struct Request {
    id: Uuid,
    workspace: WorkspaceId,
    asked_for: Requested,
    authority: String,
    reason: Option<String>,
    ticket: Option<String>,
    state: RequestState,
    requested_by: Uuid,
    requested_by_role: Option<u32>,
    asked: Signed,
    decided: Option<Signed>,
    expires_at: Timestamp,
    execute_after: Option<Timestamp>,
}

/// `request_audit_deletion(p_user_id, p_workspace_id, p_authority, p_reason, p_include_events_about_user)`.
pub fn erasure_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let user = user_argument(call, 0)?;
    let workspace = workspace_argument(call, 1)?;
    let erasure = Erasure::of(user, call.bool(4).unwrap_or(false));
    file(&storage, workspace, Requested::Erasure(erasure), call.text(2), call.text(3))
}

/// `request_audit_person_deletion(p_user_id, p_authority, p_reason, p_include_events_about_user, p_skip_held)`.
pub fn person_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let user = user_argument(call, 0)?;
    let erasure = Erasure::of(user, call.bool(3).unwrap_or(false));
    let asked_for = Requested::Person(PersonErasure { erasure, skip_held: call.bool(4).unwrap_or(false) });
    file(&storage, WorkspaceId(Uuid::nil()), asked_for, call.text(1), call.text(2))
}

/// `request_audit_purge(p_workspace_id, p_authority, p_reason)`.
pub fn purge_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = workspace_argument(call, 0)?;
    file(&storage, workspace, Requested::Purge, call.text(1), call.text(2))
}

/// `request_audit_cold_release(p_workspace_id, p_authority, p_reason)`.
pub fn cold_release_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = workspace_argument(call, 0)?;
    file(&storage, workspace, Requested::ColdRelease, call.text(1), call.text(2))
}

/// `request_audit_offboarding(p_workspace_id, p_authority, p_reason)`.
pub fn offboarding_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let workspace = workspace_argument(call, 0)?;
    if workspace.0.is_nil() {
        let nil = Argument::new("p_workspace_id").problem("must not be the nil UUID");
        return Err(nil.hint("What is filed there is the trail's own; it is no workspace.").into());
    }
    file(&storage, workspace, Requested::Offboarding, call.text(1), call.text(2))
}

/// Files a request.
fn file(
    storage: &Storage,
    workspace: WorkspaceId,
    asked_for: Requested,
    authority: Option<String>,
    reason: Option<String>,
) -> Result<Answer, Error> {
    let authority = grounds::parse_authority(authority)?;
    let reason = grounds::parse_reason(reason)?;
    let principal = Principal::acting(storage)?;
    cluster::log::enter(storage)?;
    let terms = match &asked_for {
        Requested::Person(person) => Terms::of_person(storage, &person.erasure),
        _ => Terms::of(storage, &[workspace]),
    };
    let sql = format!(
        "INSERT INTO {} (kind, subject_user_id, include_events_about_user, workspace_id, deletion_authority, reason, \
         requested_by_user_id, requested_by_role, requested_by_role_oid, expires_at, skip_held) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        storage.qualified(REQUESTS)
    );
    let parameters = [
        parameter::text(asked_for.kind()),
        parameter::uuid(asked_for.subject().map(Uuid::from)),
        parameter::bool(asked_for.is_about_subject()),
        parameter::uuid(workspace),
        parameter::text(&authority),
        parameter::text_or_null(reason.as_deref()),
        parameter::uuid(principal.id),
        parameter::text(&principal.role),
        parameter::oid(principal.role_oid),
        parameter::time(clock::now().plus_days(terms.approval_expiry_days)),
        parameter::bool(asked_for.skips_held()),
    ];
    let _permit = storage.writing(REQUESTS)?;
    let id = spi::find_row_with(&sql, &parameters, |row| row.uuid(1));
    Ok(id.map(Answer::from).ok_or(Interference::Suppressed { table: REQUESTS })?)
}

impl Request {
    fn locked(storage: &Storage, id: Option<Uuid>) -> Result<Request, Argument> {
        let id = id.unwrap_or_default();
        let sql = format!(
            "SELECT workspace_id, subject_user_id, include_events_about_user, deletion_authority, reason, \
             approval_ticket_id, state, requested_by_user_id, expires_at, execute_after, \
             requested_by_role_oid, requested_by_role, requested_at, decided_by_role, decided_at, kind, \
             skip_held FROM {} WHERE id = $1 FOR UPDATE",
            storage.qualified(REQUESTS)
        );
        let read = |row: spi::ResultRow| {
            Some(Request {
                id,
                workspace: WorkspaceId(row.uuid(1)?),
                asked_for: Requested::parse(&row.text(16)?, row.uuid(2).map(UserId), row.bool(3)?, row.bool(17)?)?,
                authority: row.text(4)?,
                reason: row.text(5),
                ticket: row.text(6),
                state: RequestState::parse(&row.text(7)?)?,
                requested_by: row.uuid(8)?,
                expires_at: row.time(9)?,
                execute_after: row.time(10),
                requested_by_role: row.oid(11).map(Oid::to_u32),
                asked: Signed { role: row.text(12)?, at: row.time(13)? },
                decided: row.text(14).zip(row.time(15)).map(|(role, at)| Signed { role, at }),
            })
        };
        let found = spi::find_row_with(&sql, &[parameter::uuid(id)], read);
        found.ok_or_else(|| {
            Argument::new("p_request_id")
                .problem(format!("{id} is no request for deletion"))
                .hint("SELECT id, state FROM audit_deletion_requests shows them.")
        })
    }

    /// Checks that this principal may take the step now.
    fn step(&self, step: Step, principal: &Principal) -> Result<(), Refusal> {
        request_state::next(&self.facts(principal), step).map(drop)
    }

    fn facts(&self, principal: &Principal) -> RequestFacts {
        RequestFacts {
            state: self.state,
            requested_by: self.requested_by,
            requested_by_role: self.requested_by_role,
            principal: principal.id,
            principal_role: principal.role_oid.map(Oid::to_u32),
            now: clock::now(),
            expires_at: self.expires_at,
            execute_after: self.execute_after,
        }
    }

    /// Checks that the trail has the events of the steps that the row claims.
    fn demand_events(&self, storage: &Storage) -> Result<(), Unproven> {
        backing::demand(storage, REQUESTED, self.workspace, self.id, &self.asked)?;
        match &self.decided {
            Some(decided) => backing::demand(storage, APPROVED, self.workspace, self.id, decided),
            None => Ok(()),
        }
    }

    /// Updates the row. `changes` uses the parameters from `$2` on.
    fn write(&self, storage: &Storage, changes: &str, parameters: &[Parameter]) -> Result<(), Error> {
        let _permit = storage.writing(REQUESTS)?;
        let sql = format!("UPDATE {} SET {changes} WHERE id = $1", storage.qualified(REQUESTS));
        let parameters: Vec<Parameter> =
            [parameter::uuid(self.id)].into_iter().chain(parameters.iter().copied()).collect();
        match spi::count_with(&sql, &parameters) {
            1 => Ok(()),
            _ => Err(Interference::Suppressed { table: REQUESTS }.into()),
        }
    }

    /// What the policies concerned say, which then stay as they are until the end of the transaction. Of a person: which workspaces are concerned.
    fn freeze(&self, storage: &Storage, grounds: &Grounds) -> Result<(Terms, Option<Concerned>), Error> {
        if let Requested::Person(person) = &self.asked_for {
            let concerned = Concerned::by(storage, &person.erasure)?;
            let mut terms = concerned.terms(storage);
            let elsewhere = person::cooling_off_elsewhere(storage, person, grounds.clone())?;
            terms.cooling_off_days = terms.cooling_off_days.max(elsewhere);
            return Ok((terms, Some(concerned)));
        }
        interlock::freeze_protection(storage, self.workspace)?;
        Ok((Terms::of(storage, &[self.workspace]), None))
    }

    /// Carries out what was approved.
    fn execute(
        self,
        storage: &Rc<Storage>,
        principal: &Principal,
        concerned: Option<Concerned>,
    ) -> Result<Done, Error> {
        let granted = Approval::Granted(request_state::execute(&self.facts(principal))?);
        self.demand_events(storage)?;
        let grounds = Grounds::parse(Some(self.authority.clone()), self.ticket.clone(), self.reason.clone())?;
        let done = self.carry_out(storage, &grounds, &granted, concerned)?;
        self.write(
            storage,
            "state = 'executed', executed_at = clock_timestamp(), executed_by_user_id = $2, executed_by_role = $3, \
             deletion_log_id = $4",
            &[parameter::uuid(principal.id), parameter::text(&principal.role), parameter::uuid(done.entry)],
        )?;
        Ok(done)
    }

    fn carry_out(
        &self,
        storage: &Rc<Storage>,
        grounds: &Grounds,
        granted: &Approval,
        concerned: Option<Concerned>,
    ) -> Result<Done, Error> {
        let (workspace, grounds) = (self.workspace, || grounds.clone());
        let wanted = |what| Wanted { workspace, what, grounds: grounds(), request: Some(self.id) };
        match &self.asked_for {
            Requested::Erasure(erasure) => {
                let what = What::Erasure { user: erasure.user, about: erasure.about };
                everywhere(storage, &wanted(what), || {
                    erase::execute(
                        storage,
                        authorise::erasure(storage, workspace, erasure.clone(), grounds(), granted)?,
                    )
                })
            }
            Requested::Person(what) => {
                let concerned = concerned.map_or_else(|| Concerned::by(storage, &what.erasure), Ok)?;
                person::on_all_nodes(storage, what, grounds(), Some(self.id), |left_out, grounds| {
                    person::execute(storage, what, grounds, granted, &concerned, left_out)
                })
                .map(|erased| erased.done)
            }
            Requested::Purge => everywhere(storage, &wanted(What::Purge), || {
                purge::execute(storage, authorise::purge(storage, workspace, grounds(), granted)?)
            }),
            Requested::Offboarding => everywhere(storage, &wanted(What::Offboarding), || {
                offboard::execute(storage, workspace, grounds(), granted, None)
            }),
            Requested::ColdRelease => {
                release::execute(storage, &authorise::cold_release(storage, workspace, grounds(), granted)?, self.id)
            }
        }
    }
}

/// `approve_audit_deletion(p_request_id, p_approval_ticket_id)`: executes at once unless a cooling-off period is configured.
pub fn approve_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let principal = Principal::acting(&storage)?;
    cluster::log::enter(&storage)?;
    let mut request = Request::locked(&storage, call.uuid(0))?;
    request.step(Step::Approve, &principal)?;
    request.demand_events(&storage)?;
    let grounds = Grounds::parse(Some(request.authority.clone()), call.text(1), None)?;
    let (terms, concerned) = request.freeze(&storage, &grounds)?;
    let now = clock::now();
    let after = now.plus_days(terms.cooling_off_days);
    let expires_at = after.plus_days(terms.approval_expiry_days);
    request.write(
        &storage,
        "state = 'cooling_off', decided_at = $2, decided_by_user_id = $3, decided_by_role = $4, \
         approval_ticket_id = $5, execute_after = $6, expires_at = $7",
        &[
            parameter::time(now),
            parameter::uuid(principal.id),
            parameter::text(&principal.role),
            parameter::text(grounds.ticket()),
            parameter::time(after),
            parameter::time(expires_at),
        ],
    )?;
    if terms.cooling_off_days > 0 {
        return Ok(call.record(&[None, None]));
    }
    request.state = RequestState::CoolingOff;
    request.execute_after = Some(after);
    request.expires_at = expires_at;
    request.ticket = Some(grounds.ticket().to_owned());
    request.decided = Some(Signed { role: principal.role.clone(), at: now });
    Ok(request.execute(&storage, &principal, concerned)?.answer(call))
}

/// `execute_audit_deletion(p_request_id)`: after the cooling-off period.
pub fn execute_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let principal = Principal::acting(&storage)?;
    cluster::log::enter(&storage)?;
    let request = Request::locked(&storage, call.uuid(0))?;
    Ok(request.execute(&storage, &principal, None)?.answer(call))
}

/// The approval of a request by this node's own copy, which another node of the cluster acts on. It must be a request for just that. `at`: when, by the clock of
/// that node, which has set the times of the request.
pub fn granted_by_own_copy(storage: &Storage, id: Uuid, wanted: &Wanted, at: Timestamp) -> Result<Approval, Error> {
    let request = Request::locked(storage, Some(id))?;
    if !wanted.is_asked_for_by(request.workspace, &request.asked_for) {
        return Err(ClusterError::OtherRequest { id }.into());
    }
    let facts = RequestFacts { now: at, ..request.facts(&Principal::NOBODY) };
    Ok(Approval::Granted(request_state::execute(&facts)?))
}

/// `reject_audit_deletion(p_request_id, p_reason)`.
pub fn reject_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let reason = argument::required("p_reason", call.text(1), "Say why the deletion is not carried out.")?;
    let principal = Principal::acting(&storage)?;
    cluster::log::enter(&storage)?;
    let request = Request::locked(&storage, call.uuid(0))?;
    request.step(Step::Reject, &principal)?;
    request.write(
        &storage,
        "state = 'rejected', decided_at = clock_timestamp(), decided_by_user_id = $2, decided_by_role = $3, \
         rejection_reason = $4",
        &[parameter::uuid(principal.id), parameter::text(&principal.role), parameter::text(&reason)],
    )?;
    Ok(Answer::Nothing)
}

/// Marks expired requests; called by the archive job. Requests that somebody else has locked are skipped.
pub fn expire(storage: &Storage) -> Result<(), Error> {
    let sql = format!(
        "SELECT id FROM {} WHERE state IN ('pending', 'cooling_off') AND expires_at <= $1 FOR UPDATE SKIP LOCKED",
        storage.qualified(REQUESTS)
    );
    for id in spi::rows_with(&sql, &[parameter::time(clock::now())], |row| row.uuid(1)) {
        let request = Request::locked(storage, id)?;
        request.step(Step::Expire, &Principal::NOBODY)?;
        request.write(storage, "state = 'expired'", &[])?;
    }
    Ok(())
}
