//! Settings. They are data, never keys: none of them grants anything.

use std::ffi::CString;

use pgrx::GucSetting;

use crate::pg::{compat, guc};

pub static USER_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static WORKSPACE_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static REQUEST_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static IP_ADDRESS: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
pub static USER_AGENT: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);
/// Tells CREATE EXTENSION that a dump is being restored, for tools whose dumps do not begin as pg_dump's do.
pub static RESTORING: GucSetting<bool> = GucSetting::<bool>::new(false);

pub fn define() {
    let request = c"Set per transaction: SELECT set_config('audit_ext...', value, true). Malformed values are ignored.";
    guc::define_string(
        c"audit_ext.user_id",
        c"The user on whose behalf the request is made (a UUID).",
        request,
        &USER_ID,
    );
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
    compat::reserve_setting_prefix(c"audit_ext");
}
