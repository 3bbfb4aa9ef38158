//! The words of every error.

use super::{Error, Immutable, Report, Reserved, refusal};

const CALL_SETUP: &str = "Call audit_setup() as the owner of the extension.";

impl Error {
    pub fn report(&self) -> Report {
        let simple = |sqlstate, message: String, hint: &str| Report {
            sqlstate,
            message,
            hint: Some(hint.to_owned()),
            ..Report::default()
        };
        match self {
            Error::Check(check) => Report {
                constraint: Some(check.constraint().to_owned()),
                table: Some("audit_events".to_owned()),
                ..simple(
                    "23514",
                    format!(
                        "new row for relation \"audit_events\" violates check constraint \"{}\"",
                        check.constraint()
                    ),
                    check.hint(),
                )
            },
            Error::Immutable { what, operation, table } => immutable(*what, operation, table),
            Error::Reserved(Reserved::ActionType) => simple(
                "22023",
                "action types that begin with \"AUDIT_\" are the audit trail's own".to_owned(),
                "Choose another prefix, also for events imported from another trail.",
            ),
            Error::Reserved(Reserved::Metadata) => simple(
                "22023",
                "the key \"audit_ext\" of metadata is the audit trail's own".to_owned(),
                "Choose another key: under this one the extension says what it knows of an event.",
            ),
            Error::OwnId => Report {
                column: Some("id".to_owned()),
                table: Some("audit_events".to_owned()),
                ..simple(
                    "428C9",
                    "cannot insert a caller's own value into column \"id\" of an audit event".to_owned(),
                    "Leave the column out: the server makes the id and RETURNING id gives it back.",
                )
            },
            Error::SoftDeletion { column } => Report {
                column: Some((*column).to_owned()),
                ..simple(
                    "23001",
                    format!("column \"{column}\" of an audit event cannot be set by a caller"),
                    "Events are recorded undeleted; use delete_user_audit_events_compliant() to delete.",
                )
            },
            Error::ArchiveInsert => simple(
                "23001",
                "Audit events cannot be inserted into the archive".to_owned(),
                "Record events with insert_audit_event(); archive_old_audit_events() moves them here.",
            ),
            Error::NoRandomness => simple(
                "58000",
                "the operating system gives no random bytes for ids of audit events".to_owned(),
                "Give the server's processes getrandom() or /dev/urandom, then try again; nothing was recorded.",
            ),
            Error::TimeOutOfRange => simple(
                "22008",
                "audit event time is out of range".to_owned(),
                "created_at must lie between 1970-01-01 and now; leave it out to take the time of insertion.",
            ),
            Error::BeforeLastEvent { newest } => Report {
                constraint: Some("check_audit_event_sequence".to_owned()),
                table: Some("audit_events".to_owned()),
                detail: Some(format!("The newest event of the workspace is of {newest}.")),
                ..simple(
                    "23514",
                    "Audit event timestamp is before last event".to_owned(),
                    "Leave created_at out to take the time of insertion, or record a workspace's history in order.",
                )
            },
            Error::NotAMember => Report {
                constraint: Some("check_audit_workspace_membership".to_owned()),
                table: Some("audit_events".to_owned()),
                ..simple(
                    "23514",
                    "Audit event actor is not a member of the workspace".to_owned(),
                    "Add the user to the membership source, or name another source with audit_set_membership_source().",
                )
            },
            Error::MembershipSourceGone { detail } => Report {
                constraint: Some("check_audit_workspace_membership".to_owned()),
                detail: Some(detail.clone()),
                ..simple(
                    "23514",
                    "the membership source of audit events is not there".to_owned(),
                    "Name the source again with audit_set_membership_source(), or turn the check off with audit_set_membership_source(NULL).",
                )
            },
            Error::MembershipSource { problem, sqlstate, hint } => simple(sqlstate, problem.clone(), hint),
            Error::Floor { problem, hint } => simple("22023", (*problem).to_owned(), hint),
            Error::Interfered { table, how } => simple(
                "23001",
                format!("the row was {how} by a trigger or rule on {table}"),
                "Remove the foreign trigger or rule; nothing was recorded.",
            ),
            Error::Bulk { index, key, problem, hint } => simple(
                "22023",
                match key {
                    Some(key) => format!("element {index} of p_events, key \"{key}\": {problem}"),
                    None => format!("element {index} of p_events: {problem}"),
                },
                hint,
            ),
            Error::BulkShape => simple(
                "22023",
                "p_events must be a JSON array of objects".to_owned(),
                "Pass [{\"p_action_type\": \"...\", \"p_resource_type\": \"...\", ...}, ...].",
            ),
            Error::InBulk { index, error } => {
                let report = error.report();
                let place = format!("Element {index} of p_events, key \"{}\".", error.key());
                Report { detail: Some(report.detail.map_or(place.clone(), |d| format!("{place} {d}"))), ..report }
            }
            Error::Argument { name, problem, hint } => simple("22023", format!("{name} {problem}"), hint),
            Error::EventNotFound { id } => simple(
                "22023",
                format!("there is no event {id} in the trail of this workspace"),
                "Pass the id of the last event of the page before, or leave p_before_event_id out to start anew.",
            ),
            Error::StorageMissing { relation } => {
                simple("42P01", format!("the audit trail has no table \"{relation}\""), CALL_SETUP)
            }
            Error::Shape { table } => {
                simple("42P16", format!("table \"{table}\" does not have the columns of the audit trail"), CALL_SETUP)
            }
            Error::Split { table } => Report {
                detail: Some("Rows in shards would be out of sight of guards, order and reading.".to_owned()),
                ..simple(
                    "0A000",
                    format!("the audit trail cannot work on {table}, which Citus keeps in shards"),
                    &format!("Bring it back to this server: SELECT undistribute_table('{}').", table.replace('\'', "''")),
                )
            },
            Error::ForeignStorage { differences } => Report {
                detail: Some(differences.join("\n")),
                ..simple(
                    "42P07",
                    "tables of the audit trail exist already and are not as audit_ext makes them".to_owned(),
                    "Rename or drop what differs, then try again; nothing was changed.",
                )
            },
            Error::NotOwner { owner } => simple(
                "42501",
                "only the owner of extension audit_ext may do this".to_owned(),
                &format!("SET ROLE {owner} first."),
            ),
            Error::MaintenanceBusy { what } => simple(
                "P0001",
                format!("{what} gave up waiting for a lock"),
                "Long transactions hold the audit tables, or another maintenance run is at work; try again later. Nothing was changed.",
            ),
            Error::NoTurn { what } => Report {
                detail: Some(
                    "An archive run, restore, erasure, purge or change of a hold or policy is at work, or its transaction was left open."
                        .to_owned(),
                ),
                ..simple(
                    "P0001",
                    format!("{what} waited too long for its turn"),
                    "Try again when it is over; pg_stat_activity shows open transactions by xact_start. Nothing was changed.",
                )
            },
            Error::PreparedWithStrongLocks => simple(
                "0A000",
                "a transaction that made partitions, moved months or scrubbed cannot be prepared".to_owned(),
                "Commit it at once: nobody else can use the tables it altered until it ends.",
            ),
            Error::PartitionNameTaken { name } => simple(
                "42P07",
                format!("relation \"{name}\" exists and is not a partition of the audit trail"),
                "Rename or drop it, then make the partitions again.",
            ),
            Error::UncountedDeletes { table } => simple(
                "23001",
                format!("more rows left \"{table}\" than were moved"),
                "Code of somebody else (an index expression, say) deleted events during maintenance; nothing was changed.",
            ),
            Error::NotConserved { event } => Report {
                detail: Some(format!("Event {event} left its table and was not stored unchanged in the other one.")),
                ..simple(
                    "23001",
                    "Audit events are immutable".to_owned(),
                    "Bring archived events back with restore_audit_events(); removing them takes purge_expired_audit_events().",
                )
            },
            Error::FunctionsOnly { table, functions } => Report {
                table: Some(table.clone()),
                ..simple(
                    "23001",
                    format!("table \"{table}\" is written by its functions only"),
                    &format!("Use {functions}."),
                )
            },
            Error::Unproven { what, id } => simple(
                "P0001",
                format!("no event of the trail backs {what} {id}"),
                "Whoever requests, approves, erases or purges records an event of it in the workspace. Find out how the row came there; a deletion that is wanted takes a new request.",
            ),
            Error::Nobody(nobody) => nobody.report(),
            Error::NoScheduler { calls } => simple(
                "0A000",
                "pg_cron is not installed in this database".to_owned(),
                &format!("CREATE EXTENSION pg_cron, or run these by a scheduler of your own: {calls}."),
            ),
            Error::InTransactionBlock => simple(
                "2D000",
                "archive_audit_events() commits and cannot run inside a transaction block".to_owned(),
                "CALL it by itself, or use archive_old_audit_events(), which does all in one transaction.",
            ),
            Error::Held { hold } => Report {
                detail: Some(format!("The events are under legal hold {hold}.")),
                ..simple(
                    "23001",
                    "held audit events cannot be removed".to_owned(),
                    "release_audit_hold() releases the hold when the reason for it is gone.",
                )
            },
            Error::NeedsApproval => simple(
                "23001",
                "deletion in this workspace needs an approved request".to_owned(),
                "Use request_audit_deletion() or request_audit_purge(); somebody else then calls approve_audit_deletion().",
            ),
            Error::Request { refusal } => refusal::report(*refusal),
            Error::StillSeen => simple(
                "P0001",
                "the deleted rows can still be seen by an older transaction".to_owned(),
                "Try again when it is over; pg_stat_activity.backend_xmin, pg_prepared_xacts and pg_replication_slots show what is old. \
                 The deletion itself must be committed.",
            ),
            Error::ReadHere => simple(
                "P0001",
                "this session is reading the partitions to be scrubbed".to_owned(),
                "Call audit_scrub() by itself: close the cursors, and take the id from audit_deletion_log.",
            ),
            Error::Kept { why } => Report {
                detail: Some(format!("{}.", capitalised(why))),
                ..simple(
                    "23001",
                    "archived audit events of the workspace cannot be purged".to_owned(),
                    "explain_audit_retention() shows what is kept and why.",
                )
            },
            Error::Restoring => simple(
                "01000",
                "audit_ext made no tables because a dump is being restored".to_owned(),
                "If the dump does not bring the tables of the audit trail, call audit_setup() afterwards.",
            ),
            Error::IsMember { member } => simple(
                "P0001",
                format!("{member} became a member of extension audit_ext"),
                "Rows of members are left out of dumps; this is a defect of the installation script.",
            ),
            Error::Ddl { command, what, why } => Report {
                detail: Some(why.detail().to_owned()),
                ..simple("23001", format!("{command} is refused: {what}"), why.hint())
            },
            Error::GuardsDropped => simple(
                "01000",
                "the audit trail is no longer guarded".to_owned(),
                "Every event stays. CREATE EXTENSION audit_ext adopts the tables and puts the guards back.",
            ),
            Error::RightsTakenBack => simple(
                "01000",
                "rights on the audit trail were not granted".to_owned(),
                "They follow from access levels: use audit_grant().",
            ),
            Error::SetNotExpected => simple(
                "0A000",
                "set-valued function called in a context that cannot accept a set".to_owned(),
                "Call it in the FROM clause.",
            ),
            Error::NotATrigger => simple(
                "39P01",
                "this function can only be called as a trigger".to_owned(),
                "Triggers of the audit trail are put in place by audit_setup().",
            ),
            Error::MisplacedTrigger { function, table, expected } => Report {
                detail: Some(format!("The function is made for {expected}.")),
                ..simple(
                    "39P01",
                    format!("function {function}() is not made for this trigger of \"{table}\""),
                    "Drop the trigger; those of the audit trail are put in place by audit_setup() and audit_track_table().",
                )
            },
            Error::CaptureOptions { table } => simple(
                "22023",
                format!("the capture trigger of table \"{table}\" has arguments that are not ours"),
                "Call audit_track_table() again: it makes the triggers of a tracked table.",
            ),
            Error::Capture { is_gap, detail, hint } => {
                let message = match is_gap {
                    true => "changes of tracked tables may go unrecorded",
                    false => "a tracked table is captured otherwise than was asked for",
                };
                Report { detail: Some(detail.clone()), ..simple("01000", message.to_owned(), hint) }
            }
            Error::Tracking { problem, sqlstate, hint } => simple(sqlstate, problem.clone(), hint),
        }
    }

    /// The key of a bulk element that an error is about.
    fn key(&self) -> &'static str {
        match self {
            Error::Check(check) => check.column(),
            Error::Reserved(Reserved::ActionType) => "p_action_type",
            Error::Reserved(Reserved::Metadata) => "p_metadata",
            Error::NotAMember | Error::MembershipSourceGone { .. } => "p_created_by_user_id",
            _ => "created_at",
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn immutable(what: Immutable, operation: &str, table: &str) -> Report {
    let (message, hint) = match what {
        Immutable::Events => (
            "Audit events are immutable",
            "To remove a person's events use delete_user_audit_events_compliant(); old events are moved by archive_old_audit_events().",
        ),
        Immutable::DeletionLog => (
            "Audit events are immutable",
            "The deletion log only grows; delete_user_audit_events_compliant() and the retention jobs write it.",
        ),
        Immutable::Configuration => {
            ("Audit configuration cannot be deleted", "Change the row instead; the change is itself an audit event.")
        }
    };
    Report {
        sqlstate: "23001",
        message: message.to_owned(),
        detail: Some(format!("{operation} on \"{table}\" was refused.")),
        hint: Some(hint.to_owned()),
        table: Some(table.to_owned()),
        ..Report::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::event::constraint::Check;

    #[test]
    fn an_error_in_bulk_names_element_and_key() {
        let error = Error::InBulk { index: 3, error: Box::new(Error::Check(Check::ActionTypeNotEmpty)) };
        let report = error.report();
        assert_eq!(report.sqlstate, "23514");
        assert_eq!(report.constraint.as_deref(), Some("check_action_type_not_empty"));
        assert_eq!(report.detail.as_deref(), Some("Element 3 of p_events, key \"p_action_type\"."));
    }

    #[test]
    fn what_is_immutable_is_refused_with_a_way_out() {
        let report =
            Error::Immutable { what: Immutable::Events, operation: "UPDATE", table: "audit_events".into() }.report();
        assert_eq!((report.sqlstate, report.message.as_str()), ("23001", "Audit events are immutable"));
        assert!(report.hint.unwrap().contains("delete_user_audit_events_compliant"));
    }
}
