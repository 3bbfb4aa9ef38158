//! The settings of the extension. None of them grants anything.

use std::ffi::CString;

use pgrx::GucSetting;

use crate::pg::guc;

pub static USER_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static WORKSPACE_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static REQUEST_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static IP_ADDRESS: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static USER_AGENT: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
/// Tells that a dump is being restored, for tools whose dumps do not begin as pg_dump's do.
pub static RESTORING: GucSetting<bool> = GucSetting::<bool>::new(false);
/// The actor of a captured change, if the request names none.
pub static SYSTEM_ACTOR: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
/// The workspace of a captured change, if neither the row nor the request names one.
pub static DEFAULT_WORKSPACE: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
/// What the origin of a log begins with.
pub static LOG_ORIGIN: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
/// Longer values are captured as size and digest.
pub static CAPTURE_VALUE_LIMIT: GucSetting<i32> = GucSetting::<i32>::new(1 << 20);
/// The documents of a caller's event together may not be larger; 0 is no limit.
pub static EVENT_SIZE_LIMIT: GucSetting<i32> = GucSetting::<i32>::new(0);

/// Whether a dump is being restored: every script of pg_dump begins with `SET row_security = off`.
pub fn is_restoring() -> bool {
    RESTORING.get() || guc::value(c"row_security").is_some_and(|value| value == b"off")
}

pub fn define() {
    let request = c"Set per transaction: SELECT set_config('audit_ext...', value, true). Malformed values are ignored.";
    let user = c"Set per transaction: SELECT set_config('audit_ext...', value, true). A malformed value is ignored when an event is recorded, and refused where something is read or decided.";
    guc::define_string(c"audit_ext.user_id", c"The user on whose behalf the request is made (a UUID).", user, &USER_ID);
    guc::define_string(c"audit_ext.workspace_id", c"The workspace of the request (a UUID).", request, &WORKSPACE_ID);
    guc::define_string(c"audit_ext.request_id", c"The id of the request.", request, &REQUEST_ID);
    guc::define_string(c"audit_ext.ip_address", c"The address the request came from.", request, &IP_ADDRESS);
    guc::define_string(c"audit_ext.user_agent", c"The program that made the request.", request, &USER_AGENT);
    guc::define_bool(
        c"audit_ext.restoring",
        c"A dump is being restored: CREATE EXTENSION makes no tables.",
        c"Set it when restoring with a tool whose dump does not begin with SET row_security = off.",
        &RESTORING,
    );
    let by_superusers = c"Set by superusers, for a database or a role.";
    guc::define_admin_string(
        c"audit_ext.system_actor",
        c"The user (a UUID) of captured changes that no request is behind.",
        by_superusers,
        &SYSTEM_ACTOR,
    );
    guc::define_admin_string(
        c"audit_ext.default_workspace",
        c"The workspace (a UUID) of captured changes that neither their row nor the request gives one.",
        by_superusers,
        &DEFAULT_WORKSPACE,
    );
    guc::define_admin_string(
        c"audit_ext.log_origin",
        c"What the first line of checkpoints begins with, a name that is the trail's alone such as example.com/audit.",
        c"Set by superusers before the first seal; it is asked for when an incarnation of the log begins. Unset it is audit-ext.",
        &LOG_ORIGIN,
    );
    guc::define_admin_bytes(
        c"audit_ext.capture_value_limit",
        c"A captured value longer than this is replaced by its size and SHA-256.",
        by_superusers,
        &CAPTURE_VALUE_LIMIT,
        1 << 10..=1 << 26,
    );
    guc::define_admin_bytes(
        c"audit_ext.event_size_limit",
        c"An event whose old_values, new_values and metadata are larger than this together is refused; 0 is no limit.",
        c"Set by superusers. It holds for what callers record, not for captured changes and the trail's own events.",
        &EVENT_SIZE_LIMIT,
        0..=i32::MAX,
    );
    guc::reserve_prefix(c"audit_ext");
}
