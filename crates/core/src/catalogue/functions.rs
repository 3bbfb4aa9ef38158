//! The functions of the extension that call its library, as `sql/functions` declares them.

use crate::access::{ANYONE, AccessLevel, COMPLIANCE, NOBODY, OPERATORS, READERS, STAFF, STREAMERS, WATCHERS, WRITERS};

pub struct Function {
    pub name: &'static str,
    /// The symbol of the library that it calls.
    pub symbol: &'static str,
    /// Whether it has its owner's rights (SECURITY DEFINER).
    pub is_definer: bool,
    /// The levels that may call it, beside its owner.
    pub callers: &'static [AccessLevel],
}

const fn definer(name: &'static str, symbol: &'static str, callers: &'static [AccessLevel]) -> Function {
    Function { name, symbol, is_definer: true, callers }
}

const fn invoker(name: &'static str, symbol: &'static str, callers: &'static [AccessLevel]) -> Function {
    Function { name, symbol, is_definer: false, callers }
}

pub static FUNCTIONS: &[Function] = &[
    // guards
    invoker("audit_events_before_insert", "audit_ext_events_before_insert", NOBODY),
    invoker("audit_events_archive_before_insert", "audit_ext_archive_before_insert", NOBODY),
    invoker("check_audit_workspace_membership", "audit_ext_check_membership", NOBODY),
    invoker("audit_events_guard", "audit_ext_events_guard", NOBODY),
    invoker("audit_deletion_log_guard", "audit_ext_deletion_log_guard", NOBODY),
    invoker("audit_configuration_guard", "audit_ext_configuration_guard", NOBODY),
    invoker("audit_configuration_changed", "audit_ext_configuration_changed", NOBODY),
    invoker("audit_policy_before_update", "audit_ext_policy_before_update", NOBODY),
    invoker("audit_events_restore", "audit_ext_restore_frame", NOBODY),
    invoker("audit_functions_only_guard", "audit_ext_functions_only_guard", NOBODY),
    invoker("audit_event_sequence_insert", "audit_ext_event_sequence_insert", NOBODY),
    invoker("audit_cold_object_step", "audit_ext_cold_object_step", NOBODY),
    // recording
    definer("insert_audit_event", "audit_ext_insert_audit_event", WRITERS),
    definer("insert_audit_events", "audit_ext_insert_audit_events", WRITERS),
    invoker("audit_event_id", "audit_ext_event_id", WRITERS),
    invoker("audit_event_time", "audit_ext_event_time", WRITERS),
    invoker("audit_resource_id", "audit_ext_resource_id", ANYONE),
    // reading
    invoker("get_audit_trail", "audit_ext_get_audit_trail", READERS),
    invoker("search_audit_events", "audit_ext_search_events", READERS),
    invoker("count_audit_events", "audit_ext_count_events", READERS),
    invoker("explain_audit_search", "audit_ext_explain_search", STAFF),
    invoker("export_audit_events", "audit_ext_export_events", READERS),
    invoker("export_person_audit_events", "audit_ext_export_person_events", COMPLIANCE),
    invoker("audit_newest_event", "audit_ext_newest_event", STAFF),
    invoker("audit_may_read", "audit_ext_may_read", READERS),
    // operating
    invoker("audit_setup", "audit_ext_setup", NOBODY),
    definer("create_monthly_audit_partition", "audit_ext_create_monthly_partition", OPERATORS),
    definer("create_past_audit_partitions", "audit_ext_create_past_partitions", NOBODY),
    definer("audit_index", "audit_ext_index", NOBODY),
    definer("audit_unindex", "audit_ext_unindex", NOBODY),
    invoker("audit_grant", "audit_ext_grant", NOBODY),
    invoker("audit_revoke", "audit_ext_revoke", NOBODY),
    invoker("audit_set_membership_source", "audit_ext_set_membership_source", NOBODY),
    // retention
    definer("archive_old_audit_events", "audit_ext_archive_old_events", OPERATORS),
    invoker("archive_audit_events", "audit_ext_archive_events", OPERATORS),
    definer("restore_audit_events", "audit_ext_restore_events", OPERATORS),
    definer("purge_expired_audit_events", "audit_ext_purge_expired_events", COMPLIANCE),
    definer("explain_audit_retention", "audit_ext_explain_retention", STAFF),
    definer("audit_clear_unused_policies", "audit_ext_clear_unused_policies", NOBODY),
    definer("place_audit_hold", "audit_ext_place_hold", COMPLIANCE),
    definer("release_audit_hold", "audit_ext_release_hold", COMPLIANCE),
    definer("audit_schedule_jobs", "audit_ext_schedule_jobs", OPERATORS),
    definer("audit_health", "audit_ext_health", WATCHERS),
    definer("audit_metrics", "audit_ext_metrics", WATCHERS),
    // deletion
    definer("delete_user_audit_events_compliant", "audit_ext_delete_user_events", COMPLIANCE),
    definer("delete_person_audit_events", "audit_ext_delete_person_events", COMPLIANCE),
    definer("request_audit_deletion", "audit_ext_request_deletion", COMPLIANCE),
    definer("request_audit_person_deletion", "audit_ext_request_person_deletion", COMPLIANCE),
    definer("request_audit_purge", "audit_ext_request_purge", COMPLIANCE),
    definer("request_audit_offboarding", "audit_ext_request_offboarding", COMPLIANCE),
    definer("approve_audit_deletion", "audit_ext_approve_deletion", COMPLIANCE),
    definer("execute_audit_deletion", "audit_ext_execute_deletion", COMPLIANCE),
    definer("reject_audit_deletion", "audit_ext_reject_deletion", COMPLIANCE),
    definer("export_audit_deletions", "audit_ext_export_deletions", COMPLIANCE),
    definer("reapply_audit_deletions", "audit_ext_reapply_deletions", COMPLIANCE),
    definer("audit_scrub", "audit_ext_scrub", COMPLIANCE),
    definer("audit_deletion_certificate", "audit_ext_deletion_certificate", COMPLIANCE),
    // cold
    definer("audit_cold_due", "audit_ext_cold_due", STAFF),
    definer("begin_audit_cold_object", "audit_ext_cold_begin", OPERATORS),
    definer("store_audit_cold_object", "audit_ext_cold_store", OPERATORS),
    definer("discard_audit_cold_object", "audit_ext_cold_discard", OPERATORS),
    definer("confirm_audit_cold_removed", "audit_ext_cold_confirm_removed", OPERATORS),
    definer("report_audit_cold_check", "audit_ext_cold_report_check", OPERATORS),
    definer("adopt_audit_cold_object", "audit_ext_cold_adopt", NOBODY),
    definer("audit_cold_coverage", "audit_ext_cold_coverage", READERS),
    definer("release_audit_cold_object", "audit_ext_release_cold_object", COMPLIANCE),
    definer("request_audit_cold_release", "audit_ext_request_cold_release", COMPLIANCE),
    definer("restore_audit_cold_events", "audit_ext_restore_cold_events", OPERATORS),
    definer("return_audit_cold_loans", "audit_ext_return_cold_loans", COMPLIANCE),
    definer("erase_audit_cold_chunk", "audit_ext_erase_cold_chunk", STAFF),
    definer("replace_audit_cold_object", "audit_ext_replace_cold_object", STAFF),
    // evidence
    definer("audit_verify", "audit_ext_verify", STAFF),
    // proofs
    invoker("audit_adopt_events", "audit_ext_adopt_events", NOBODY),
    definer("audit_checkpoint", "audit_ext_checkpoint", READERS),
    definer("audit_consistency_proof", "audit_ext_consistency_proof", READERS),
    definer("audit_add_signatures", "audit_ext_add_signatures", OPERATORS),
    definer("audit_add_timestamp", "audit_ext_add_timestamp", OPERATORS),
    definer("audit_event_proof", "audit_ext_event_proof", READERS),
    definer("audit_export_log", "audit_ext_export_log", READERS),
    definer("audit_log_files", "audit_ext_log_files", STAFF),
    // evidence
    definer("audit_seal", "audit_ext_seal", OPERATORS),
    invoker("audit_keep_sealing", "audit_ext_keep_sealing", OPERATORS),
    definer("audit_await_seal", "audit_ext_await_seal", ANYONE),
    definer("audit_begin_incarnation", "audit_ext_begin_incarnation", NOBODY),
    // streams
    definer("create_audit_stream", "audit_ext_create_stream", OPERATORS),
    definer("fetch_audit_stream", "audit_ext_fetch_stream", STREAMERS),
    definer("ack_audit_stream", "audit_ext_ack_stream", STREAMERS),
    definer("resume_audit_stream", "audit_ext_resume_stream", OPERATORS),
    definer("drop_audit_stream", "audit_ext_drop_stream", OPERATORS),
    // importing
    invoker("import_audit_events", "audit_ext_import_events", NOBODY),
    // cluster
    invoker("get_audit_trail_here", "audit_ext_get_audit_trail_here", READERS),
    invoker("audit_cluster_enable", "audit_ext_cluster_enable", NOBODY),
    definer("audit_cluster_retire", "audit_ext_cluster_retire", COMPLIANCE),
    definer("audit_cluster_health", "audit_ext_cluster_health", WATCHERS),
    definer("audit_cluster_catch_up", "audit_ext_cluster_catch_up", OPERATORS),
    invoker("audit_cluster_carry_out", "audit_ext_cluster_carry_out", NOBODY),
    invoker("audit_cluster_guard", "audit_ext_cluster_guard", NOBODY),
    invoker("audit_cluster_count", "audit_ext_cluster_count", NOBODY),
    invoker("audit_cluster_page", "audit_ext_cluster_page", NOBODY),
    invoker("audit_cluster_newest", "audit_ext_cluster_newest", NOBODY),
    invoker("audit_cluster_restore", "audit_ext_cluster_restore", NOBODY),
    invoker("audit_cluster_position", "audit_ext_cluster_position", NOBODY),
    // ddl_guard
    invoker("audit_ddl_command_start", "audit_ext_ddl_command_start", NOBODY),
    invoker("audit_ddl_command_end", "audit_ext_ddl_command_end", NOBODY),
    invoker("audit_sql_drop", "audit_ext_sql_drop", NOBODY),
    // capture
    invoker("audit_track_table", "audit_ext_track_table", OPERATORS),
    invoker("audit_untrack_table", "audit_ext_untrack_table", OPERATORS),
    invoker("audit_capture_changes", "audit_ext_capture_changes", NOBODY),
    invoker("audit_capture_altered", "audit_ext_capture_altered", NOBODY),
    invoker("audit_capture_dropped", "audit_ext_capture_dropped", NOBODY),
];
