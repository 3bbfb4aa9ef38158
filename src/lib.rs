//! audit_ext: a production audit trail for PostgreSQL.
//!
//! Where to begin: `crates/core` (what is decided without a server), `event` and `record` (what an event is and how it is stored), `guard` and `conservation` (what nobody
//! gets past), `partition`, `policy`, `archive`, `deletion`, `capture`, `trail`, `access`, `setup`, `health`. `src/ARCHITECTURE.md` tells why things are as they are.

mod access;
mod archive;
mod cached;
mod capture;
mod cluster;
mod cold;
mod conservation;
mod deletion;
mod direct;
mod error;
mod event;
#[cfg(test)]
mod every_error;
mod gateway;
mod guard;
mod health;
mod hold;
mod import;
mod interlock;
mod membership;
mod nodes;
mod partition;
mod permit;
mod pg;
mod policy;
mod principal;
mod record;
mod request;
mod retention;
mod schedule;
mod seal;
mod sequence;
mod settings;
mod setup;
mod storage;
mod stream;
mod taken;
mod trail;

use pgrx::{extension_sql_file, pg_module_magic};

pg_module_magic!(name = c"audit_ext", version = VERSION);

/// The version has one source, Cargo.toml.
const VERSION: &std::ffi::CStr =
    match std::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"unknown",
    };

// The install script, in order.
extension_sql_file!("../sql/functions/guards.sql", name = "guards");
extension_sql_file!("../sql/functions/recording.sql", name = "recording", requires = ["guards"]);
extension_sql_file!("../sql/functions/reading.sql", name = "reading", requires = ["recording"]);
extension_sql_file!("../sql/functions/operating.sql", name = "operating", requires = ["reading"]);
extension_sql_file!("../sql/functions/tickets.sql", name = "tickets", requires = ["operating"]);
extension_sql_file!("../sql/functions/access_request.sql", name = "access_request", requires = ["tickets"]);
extension_sql_file!("../sql/functions/retention.sql", name = "retention", requires = ["access_request"]);
extension_sql_file!("../sql/functions/deletion.sql", name = "deletion", requires = ["retention"]);
extension_sql_file!("../sql/functions/cold.sql", name = "cold", requires = ["deletion"]);
extension_sql_file!("../sql/functions/evidence.sql", name = "evidence", requires = ["cold"]);
extension_sql_file!("../sql/functions/proofs.sql", name = "proofs", requires = ["evidence"]);
extension_sql_file!("../sql/functions/streams.sql", name = "streams", requires = ["proofs"]);
extension_sql_file!("../sql/functions/importing.sql", name = "importing", requires = ["streams"]);
extension_sql_file!("../sql/functions/cluster.sql", name = "cluster", requires = ["importing"]);
extension_sql_file!("../sql/functions/ddl_guard.sql", name = "ddl_guard", requires = ["cluster"]);
extension_sql_file!("../sql/functions/capture.sql", name = "capture", requires = ["ddl_guard"]);
extension_sql_file!("../sql/functions/install.sql", name = "install", requires = ["capture"], finalize);

// C symbols, bound to by sql/functions. They are never removed: the SQL of every release must load.
pg::call::sql_function! {
    audit_ext_insert_audit_event => record::insert::call;
    audit_ext_insert_audit_events => record::bulk::call;
    audit_ext_event_id => record::stamp::default_id_call;
    audit_ext_event_time => record::stamp::default_time_call;
    audit_ext_resource_id => event::resource::call;
    audit_ext_events_before_insert => record::trigger::before_insert;
    audit_ext_archive_before_insert => record::trigger::before_archive_insert;
    audit_ext_check_membership => record::trigger::check_membership;
    audit_ext_events_guard => guard::immutability::guard_events;
    audit_ext_deletion_log_guard => guard::immutability::guard_deletion_log;
    audit_ext_configuration_guard => guard::configuration::guard;
    audit_ext_configuration_changed => guard::configuration::changed;
    audit_ext_functions_only_guard => guard::configuration::functions_only;
    audit_ext_policy_before_update => retention::change::before_write;
    audit_ext_event_sequence_insert => sequence::set_floor;
    audit_ext_get_audit_trail => nodes::trail::call;
    audit_ext_get_audit_trail_here => trail::call;
    audit_ext_search_events => trail::search::call;
    audit_ext_count_events => trail::search::count_call;
    audit_ext_explain_search => trail::search::explain_call;
    audit_ext_export_events => trail::export::call;
    audit_ext_export_person_events => trail::export::person::call;
    audit_ext_newest_event => trail::newest::call;
    audit_ext_may_read => trail::visibility::may_read_call;
    audit_ext_setup => setup::call;
    audit_ext_create_monthly_partition => partition::maintain::call;
    audit_ext_create_past_partitions => partition::maintain::past_call;
    audit_ext_index => partition::indexes::call;
    audit_ext_unindex => partition::indexes::unindex_call;
    audit_ext_clear_unused_policies => retention::clear::call;
    audit_ext_grant => access::grant_call;
    audit_ext_revoke => access::revoke_call;
    audit_ext_set_membership_source => membership::set_source_call;
    audit_ext_archive_old_events => |call: &pg::call::Call| nodes::after_catching_up(call, archive::run::all_call);
    audit_ext_archive_events => |call: &pg::call::Call| nodes::after_catching_up(call, archive::run::procedure_call);
    audit_ext_restore_frame => archive::restore::frame;
    audit_ext_restore_events => archive::restore::call;
    audit_ext_purge_expired_events => |call: &pg::call::Call| nodes::after_catching_up(call, deletion::purge::call);
    audit_ext_explain_retention => retention::explain::call;
    audit_ext_place_hold => hold::place_call;
    audit_ext_release_hold => hold::release_call;
    audit_ext_delete_user_events => |call: &pg::call::Call| nodes::after_catching_up(call, deletion::erase::call);
    audit_ext_delete_person_events => |call: &pg::call::Call| nodes::after_catching_up(call, deletion::person::call);
    audit_ext_export_deletions => deletion::journal::call;
    audit_ext_reapply_deletions => deletion::reapply::call;
    audit_ext_request_deletion => deletion::request::erasure_call;
    audit_ext_request_person_deletion => deletion::request::person_call;
    audit_ext_request_purge => deletion::request::purge_call;
    audit_ext_request_cold_release => deletion::request::cold_release_call;
    audit_ext_request_offboarding => deletion::request::offboarding_call;
    audit_ext_approve_deletion => |call: &pg::call::Call| nodes::after_catching_up(call, deletion::request::approve_call);
    audit_ext_execute_deletion => |call: &pg::call::Call| nodes::after_catching_up(call, deletion::request::execute_call);
    audit_ext_reject_deletion => deletion::request::reject_call;
    audit_ext_scrub => deletion::scrub::call;
    audit_ext_deletion_certificate => deletion::certificate::call;
    audit_ext_release_cold_object => cold::release::call;
    audit_ext_restore_cold_events => cold::restore::call;
    audit_ext_return_cold_loans => cold::give_back::call;
    audit_ext_erase_cold_chunk => cold::erase::call;
    audit_ext_replace_cold_object => cold::replace::call;
    audit_ext_schedule_jobs => schedule::call;
    audit_ext_health => health::call;
    audit_ext_metrics => health::metrics::call;
    audit_ext_adopt_events => seal::adopt::call;
    audit_ext_checkpoint => seal::checkpoint::checkpoint_call;
    audit_ext_consistency_proof => seal::checkpoint::consistency_call;
    audit_ext_add_signatures => seal::signatures::add_signatures_call;
    audit_ext_add_timestamp => seal::signatures::add_timestamp_call;
    audit_ext_seal => seal::run::call;
    audit_ext_keep_sealing => seal::run::keep_call;
    audit_ext_await_seal => seal::wait::call;
    audit_ext_begin_incarnation => seal::incarnation::begin_call;
    audit_ext_verify => seal::verify::call;
    audit_ext_event_proof => seal::proof::call;
    audit_ext_export_log => seal::export::call;
    audit_ext_log_files => seal::files::call;
    audit_ext_cold_object_step => cold::guard::step;
    audit_ext_cold_due => cold::due::call;
    audit_ext_cold_begin => cold::begin::call;
    audit_ext_cold_store => cold::store::call;
    audit_ext_cold_discard => cold::discard::call;
    audit_ext_cold_confirm_removed => cold::discard::confirm_call;
    audit_ext_cold_report_check => cold::check::call;
    audit_ext_cold_adopt => cold::adopt::call;
    audit_ext_cold_coverage => cold::coverage::call;
    audit_ext_create_stream => stream::definition::create_call;
    audit_ext_fetch_stream => stream::fetch::call;
    audit_ext_ack_stream => stream::fetch::ack_call;
    audit_ext_resume_stream => stream::definition::resume_call;
    audit_ext_drop_stream => stream::definition::drop_call;
    audit_ext_import_events => import::call;
    audit_ext_cluster_enable => nodes::enable::call;
    audit_ext_cluster_retire => nodes::retire::call;
    audit_ext_cluster_health => nodes::health::call;
    audit_ext_cluster_restore => archive::restore::here_call;
    audit_ext_cluster_catch_up => nodes::carry::catch_up_call;
    audit_ext_cluster_carry_out => nodes::carry::carry_out;
    audit_ext_cluster_guard => nodes::carry::guard;
    audit_ext_cluster_count => nodes::removal::count_call;
    audit_ext_cluster_page => nodes::trail::page_call;
    audit_ext_cluster_newest => nodes::trail::newest_call;
    audit_ext_cluster_position => nodes::trail::position_call;
    audit_ext_ddl_command_start => guard::ddl::command_start;
    audit_ext_ddl_command_end => guard::ddl::command_end;
    audit_ext_sql_drop => guard::ddl::sql_drop;
    audit_ext_track_table => capture::track::track_call;
    audit_ext_untrack_table => capture::track::untrack_call;
    audit_ext_capture_changes => capture::trigger::call;
    audit_ext_capture_altered => capture::ddl::altered;
    audit_ext_capture_dropped => capture::ddl::dropped;
}

#[allow(non_snake_case)]
#[pgrx::pg_guard]
pub extern "C-unwind" fn _PG_init() {
    settings::define();
    pg::callbacks::register(&[permit::HOOKS, pg::deadline::HOOKS, conservation::HOOKS, cluster::log::HOOKS]);
}
