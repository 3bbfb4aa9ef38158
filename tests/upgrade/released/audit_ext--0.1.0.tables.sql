SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE EXTENSION IF NOT EXISTS audit_ext WITH SCHEMA public VERSION '0.1.0';
COMMENT ON EXTENSION audit_ext IS 'a production audit trail: append-only, partitioned, compliant';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.audit_access (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    role_name name NOT NULL,
    access text NOT NULL,
    granted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    granted_by name DEFAULT SESSION_USER NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by name,
    CONSTRAINT check_access_known CHECK ((access = ANY (ARRAY['writer'::text, 'reader'::text, 'operator'::text, 'compliance'::text, 'monitor'::text, 'streamer'::text, 'gateway'::text, 'service'::text])))
);
ALTER TABLE public.audit_access OWNER TO postgres;
COMMENT ON TABLE public.audit_access IS 'Access levels given with audit_grant() and taken with audit_revoke(), by role name.';
COMMENT ON COLUMN public.audit_access.id IS 'The grant.';
COMMENT ON COLUMN public.audit_access.role_name IS 'The role.';
COMMENT ON COLUMN public.audit_access.access IS 'writer, reader, operator, compliance, monitor, streamer, gateway or service.';
COMMENT ON COLUMN public.audit_access.granted_at IS 'When it was given.';
COMMENT ON COLUMN public.audit_access.granted_by IS 'Who gave it (session user).';
COMMENT ON COLUMN public.audit_access.revoked_at IS 'When it was taken; NULL while in force.';
COMMENT ON COLUMN public.audit_access.revoked_by IS 'Who took it (session user).';
CREATE TABLE public.audit_action_types (
    action_type text NOT NULL,
    display_names jsonb DEFAULT '{}'::jsonb NOT NULL,
    description text,
    is_security boolean DEFAULT false NOT NULL,
    ocsf_class_uid integer,
    ocsf_activity_id integer,
    CONSTRAINT check_action_type_length CHECK (((octet_length(action_type) >= 1) AND (octet_length(action_type) <= 200))),
    CONSTRAINT check_display_names_object CHECK ((jsonb_typeof(display_names) = 'object'::text)),
    CONSTRAINT check_ocsf_activity_known CHECK ((
CASE ocsf_class_uid
    WHEN 3001 THEN ((ocsf_activity_id >= 1) AND (ocsf_activity_id <= 12))
    WHEN 3002 THEN ((ocsf_activity_id >= 1) AND (ocsf_activity_id <= 6))
    WHEN 3004 THEN ((ocsf_activity_id >= 1) AND (ocsf_activity_id <= 13))
    WHEN 3006 THEN ((ocsf_activity_id >= 3) AND (ocsf_activity_id <= 6))
    ELSE NULL::boolean
END OR (ocsf_activity_id = 99))),
    CONSTRAINT check_ocsf_class_known CHECK ((ocsf_class_uid = ANY (ARRAY[3001, 3002, 3004, 3006]))),
    CONSTRAINT check_ocsf_complete CHECK (((ocsf_class_uid IS NULL) = (ocsf_activity_id IS NULL)))
);
ALTER TABLE public.audit_action_types OWNER TO postgres;
COMMENT ON TABLE public.audit_action_types IS 'What action types mean: names for people by language, and how events are exported as OCSF. Recording does not ask it. Compliance officers write it, readers read it; each change is an event AUDIT_ACTION_TYPE_CHANGED, and a row is never deleted.';
COMMENT ON COLUMN public.audit_action_types.action_type IS 'The action type, exactly as events have it; up to 200 bytes.';
COMMENT ON COLUMN public.audit_action_types.display_names IS 'Its names by language, as {"en": "Role changed", "es": "Rol cambiado"}.';
COMMENT ON COLUMN public.audit_action_types.description IS 'What it means.';
COMMENT ON COLUMN public.audit_action_types.is_security IS 'Whether it concerns security. For applications; nothing here asks it.';
COMMENT ON COLUMN public.audit_action_types.ocsf_class_uid IS 'The OCSF class of its events: 3001 Account Change, 3002 Authentication, 3004 Entity Management or 3006 Group Management. NULL: what the verb in the action type says. Events without a resource_id cannot be 3001 or 3006, and are exported as if nothing were said.';
COMMENT ON COLUMN public.audit_action_types.ocsf_activity_id IS 'The activity of that class in OCSF 1.6.0; 99 is another, with the action type as its name.';
CREATE SEQUENCE public.audit_archive_attempts
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER TABLE public.audit_archive_attempts OWNER TO postgres;
COMMENT ON SEQUENCE public.audit_archive_attempts IS 'When the archive job was begun last (microseconds since 1970), also if that run failed.';
CREATE TABLE public.audit_archive_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    outcome text NOT NULL,
    archived_count bigint DEFAULT 0 NOT NULL,
    detail text,
    CONSTRAINT check_archived_count_not_negative CHECK ((archived_count >= 0)),
    CONSTRAINT check_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'skipped'::text])))
);
ALTER TABLE public.audit_archive_runs OWNER TO postgres;
COMMENT ON TABLE public.audit_archive_runs IS 'Runs of the archive of the last 400 days that ended. A run that failed has no row; audit_health() shows it.';
COMMENT ON COLUMN public.audit_archive_runs.id IS 'The run.';
COMMENT ON COLUMN public.audit_archive_runs.started_at IS 'When it began.';
COMMENT ON COLUMN public.audit_archive_runs.finished_at IS 'When it was done.';
COMMENT ON COLUMN public.audit_archive_runs.outcome IS 'done, or skipped because another run or an erasure was at work.';
COMMENT ON COLUMN public.audit_archive_runs.archived_count IS 'How many events it archived.';
COMMENT ON COLUMN public.audit_archive_runs.detail IS 'What it left to the next run, and why.';
CREATE TABLE public.audit_cluster_applied (
    ordinal bigint NOT NULL,
    log_id uuid NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deletion_log_id uuid,
    event_count bigint
);
ALTER TABLE public.audit_cluster_applied OWNER TO postgres;
COMMENT ON TABLE public.audit_cluster_applied IS 'The rows of audit_cluster_log that this node has carried out, in their order. Empty until audit_cluster_enable() was called on the coordinator of a Citus cluster.';
COMMENT ON COLUMN public.audit_cluster_applied.ordinal IS 'The place of the row in audit_cluster_log.';
COMMENT ON COLUMN public.audit_cluster_applied.log_id IS 'The id of the row.';
COMMENT ON COLUMN public.audit_cluster_applied.applied_at IS 'When this node carried it out.';
COMMENT ON COLUMN public.audit_cluster_applied.deletion_log_id IS 'Of an erasure or purge: the entry in the deletion log of this node.';
COMMENT ON COLUMN public.audit_cluster_applied.event_count IS 'Of an erasure or purge: how many events of this node it took.';
CREATE TABLE public.audit_cold_chunks (
    object_id uuid NOT NULL,
    chunk integer NOT NULL,
    event_count bigint NOT NULL,
    byte_count bigint NOT NULL,
    sha256 bytea NOT NULL,
    searched_at timestamp with time zone,
    next_byte_count bigint,
    next_sha256 bytea,
    next_erased bytea,
    CONSTRAINT check_chunk_not_negative CHECK ((chunk >= 0)),
    CONSTRAINT check_chunk_possible CHECK (((event_count >= 1) AND (event_count <= 65536) AND (byte_count > 0) AND (octet_length(sha256) = 32))),
    CONSTRAINT check_erased_of_searched CHECK (((next_erased IS NULL) OR (searched_at IS NOT NULL))),
    CONSTRAINT check_next_of_searched CHECK (((num_nonnulls(searched_at, next_byte_count, next_sha256) = ANY (ARRAY[0, 3])) AND (next_byte_count > 0) AND (octet_length(next_sha256) = 32)))
);
ALTER TABLE public.audit_cold_chunks OWNER TO postgres;
COMMENT ON TABLE public.audit_cold_chunks IS 'The chunks of cold objects, in their order: SHA-256 and length of the rows of their events as COPY gives them in binary form. Written by store_audit_cold_object(), erase_audit_cold_chunk(), replace_audit_cold_object() and adopt_audit_cold_object().';
COMMENT ON COLUMN public.audit_cold_chunks.object_id IS 'The object.';
COMMENT ON COLUMN public.audit_cold_chunks.chunk IS 'The position in the object, from 0.';
COMMENT ON COLUMN public.audit_cold_chunks.event_count IS 'How many events it holds.';
COMMENT ON COLUMN public.audit_cold_chunks.byte_count IS 'How long its rows are.';
COMMENT ON COLUMN public.audit_cold_chunks.sha256 IS 'The SHA-256 of its rows.';
COMMENT ON COLUMN public.audit_cold_chunks.searched_at IS 'When it was last searched for events of pending erasures.';
COMMENT ON COLUMN public.audit_cold_chunks.next_byte_count IS 'How long its rows are after these erasures.';
COMMENT ON COLUMN public.audit_cold_chunks.next_sha256 IS 'The SHA-256 of its rows after these erasures; that of its successor must be the same.';
COMMENT ON COLUMN public.audit_cold_chunks.next_erased IS 'Which events these erasures take that are in no list yet (those on loan are), for the lists of further entries: entry of audit_deletion_log, created_at, event and leaf hash (zeros: none), 72 bytes each; NULL when there are none.';
CREATE TABLE public.audit_cold_erasures (
    object_id uuid NOT NULL,
    deletion_log_id uuid NOT NULL,
    includes_about boolean DEFAULT false NOT NULL,
    pending_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    is_done boolean DEFAULT false NOT NULL,
    done_at timestamp with time zone,
    event_count bigint,
    carried_out_log_id uuid,
    CONSTRAINT check_done_complete CHECK (((num_nonnulls(done_at, event_count) =
CASE
    WHEN is_done THEN 2
    ELSE 0
END) AND (event_count >= 0))),
    CONSTRAINT check_erased_logged CHECK (((carried_out_log_id IS NOT NULL) = ((event_count IS NOT NULL) AND (event_count > 0))))
);
ALTER TABLE public.audit_cold_erasures OWNER TO postgres;
COMMENT ON TABLE public.audit_cold_erasures IS 'The erasures that cold objects are to be searched for. Written by delete_user_audit_events_compliant(), erase_audit_cold_chunk() and replace_audit_cold_object(), and by purge.';
COMMENT ON COLUMN public.audit_cold_erasures.object_id IS 'The object that is to be searched.';
COMMENT ON COLUMN public.audit_cold_erasures.deletion_log_id IS 'The entry in audit_deletion_log of the erasure.';
COMMENT ON COLUMN public.audit_cold_erasures.includes_about IS 'Whether events about the person are to be erased as well: p_include_events_about_user of the erasure.';
COMMENT ON COLUMN public.audit_cold_erasures.pending_at IS 'When the erasure was ordered.';
COMMENT ON COLUMN public.audit_cold_erasures.is_done IS 'Whether the object holds none of these events any more.';
COMMENT ON COLUMN public.audit_cold_erasures.done_at IS 'When that was so.';
COMMENT ON COLUMN public.audit_cold_erasures.event_count IS 'How many events of the file lost their payload.';
COMMENT ON COLUMN public.audit_cold_erasures.carried_out_log_id IS 'The entry in audit_deletion_log that lists these events; NULL when there were none.';
CREATE TABLE public.audit_cold_loans (
    event_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    object_id uuid NOT NULL,
    row_sha256 bytea NOT NULL,
    lent_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT check_row_sha256_whole CHECK ((octet_length(row_sha256) = 32))
);
ALTER TABLE public.audit_cold_loans OWNER TO postgres;
COMMENT ON TABLE public.audit_cold_loans IS 'Events that were restored from cold storage: they are in the database and in the file. Whoever reads both leaves these out once. Written by restore_audit_cold_events() and return_audit_cold_loans(), and by erasure and purge.';
COMMENT ON COLUMN public.audit_cold_loans.event_id IS 'The event.';
COMMENT ON COLUMN public.audit_cold_loans.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN public.audit_cold_loans.created_at IS 'Its time.';
COMMENT ON COLUMN public.audit_cold_loans.object_id IS 'The object whose file holds it.';
COMMENT ON COLUMN public.audit_cold_loans.row_sha256 IS 'The SHA-256 of its row as it was lent. Only an event that is still the same goes back.';
COMMENT ON COLUMN public.audit_cold_loans.lent_at IS 'When it was restored.';
CREATE TABLE public.audit_cold_objects (
    object_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    month date NOT NULL,
    store text NOT NULL,
    path text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    replaces uuid,
    is_adopted boolean DEFAULT false NOT NULL,
    event_count bigint,
    first_created_at timestamp with time zone,
    first_id uuid,
    last_created_at timestamp with time zone,
    last_id uuid,
    file_bytes bigint,
    file_sha256 bytea,
    manifest jsonb,
    request_id uuid,
    release_log_id uuid,
    condemned_reason text,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    opened_by_user_id uuid NOT NULL,
    opened_by_role text NOT NULL,
    opened_by_pid integer NOT NULL,
    opened_by_backend_start timestamp with time zone NOT NULL,
    stored_at timestamp with time zone,
    stored_by_user_id uuid,
    stored_by_role text,
    released_at timestamp with time zone,
    released_by_user_id uuid,
    released_by_role text,
    condemned_at timestamp with time zone,
    condemned_by_user_id uuid,
    condemned_by_role text,
    gone_at timestamp with time zone,
    gone_by_user_id uuid,
    gone_by_role text,
    checked_at timestamp with time zone,
    checked_by_user_id uuid,
    checked_by_role text,
    check_result text,
    check_detail text,
    CONSTRAINT check_condemned_says_why CHECK ((((condemned_at IS NULL) = (condemned_reason IS NULL)) AND (btrim(condemned_reason, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_content_of_stored CHECK ((num_nonnulls(event_count, first_created_at, first_id, last_created_at, last_id, file_bytes, file_sha256, manifest) =
CASE
    WHEN (stored_at IS NULL) THEN 0
    ELSE 8
END)),
    CONSTRAINT check_content_possible CHECK (((event_count > 0) AND (file_bytes > 0) AND (octet_length(file_sha256) = 32) AND (ROW(first_created_at, first_id) <= ROW(last_created_at, last_id)))),
    CONSTRAINT check_detail_of_result CHECK (((check_detail IS NULL) OR (check_result IS NOT NULL))),
    CONSTRAINT check_does_not_replace_itself CHECK ((replaces <> object_id)),
    CONSTRAINT check_events_of_month CHECK (((date_trunc('month'::text, (first_created_at AT TIME ZONE 'UTC'::text)) = (month)::timestamp without time zone) AND (date_trunc('month'::text, (last_created_at AT TIME ZONE 'UTC'::text)) = (month)::timestamp without time zone))),
    CONSTRAINT check_month_begins CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT check_release_has_entry CHECK (((released_at IS NULL) OR (release_log_id IS NOT NULL) OR (replaces IS NOT NULL) OR is_adopted)),
    CONSTRAINT check_release_logged CHECK ((((release_log_id IS NULL) AND (request_id IS NULL)) OR (released_at IS NOT NULL))),
    CONSTRAINT check_released_was_stored CHECK (((released_at IS NULL) OR (stored_at IS NOT NULL))),
    CONSTRAINT check_result_known CHECK ((check_result = ANY (ARRAY['ok'::text, 'missing'::text, 'altered'::text, 'unreadable'::text]))),
    CONSTRAINT check_steps_complete CHECK (((num_nonnulls(stored_at, stored_by_user_id, stored_by_role) = ANY (ARRAY[0, 3])) AND (num_nonnulls(released_at, released_by_user_id, released_by_role) = ANY (ARRAY[0, 3])) AND (num_nonnulls(condemned_at, condemned_by_user_id, condemned_by_role) = ANY (ARRAY[0, 3])) AND (num_nonnulls(gone_at, gone_by_user_id, gone_by_role) = ANY (ARRAY[0, 3])) AND (num_nonnulls(checked_at, checked_by_user_id, checked_by_role, check_result) = ANY (ARRAY[0, 4])))),
    CONSTRAINT check_steps_of_state CHECK (
CASE state
    WHEN 'open'::text THEN (num_nonnulls(stored_at, released_at, condemned_at, gone_at) = 0)
    WHEN 'stored'::text THEN ((stored_at IS NOT NULL) AND (num_nonnulls(released_at, condemned_at, gone_at) = 0))
    WHEN 'released'::text THEN ((num_nonnulls(stored_at, released_at) = 2) AND (num_nonnulls(condemned_at, gone_at) = 0))
    WHEN 'condemned'::text THEN ((condemned_at IS NOT NULL) AND (gone_at IS NULL))
    WHEN 'gone'::text THEN (num_nonnulls(condemned_at, gone_at) = 2)
    ELSE false
END)
);
ALTER TABLE public.audit_cold_objects OWNER TO postgres;
COMMENT ON TABLE public.audit_cold_objects IS 'The files of cold storage, each with archived events of one workspace and one month (UTC), and every step of them. Rows are never deleted. Written by begin_audit_cold_object(), store_audit_cold_object(), release_audit_cold_object(), replace_audit_cold_object(), discard_audit_cold_object(), confirm_audit_cold_removed(), report_audit_cold_check() and adopt_audit_cold_object(), and by erasure and purge.';
COMMENT ON COLUMN public.audit_cold_objects.object_id IS 'The object.';
COMMENT ON COLUMN public.audit_cold_objects.workspace_id IS 'The workspace whose events it holds.';
COMMENT ON COLUMN public.audit_cold_objects.month IS 'The first day of the month of its events (UTC).';
COMMENT ON COLUMN public.audit_cold_objects.store IS 'The URL of the directory or bucket; it has no credentials.';
COMMENT ON COLUMN public.audit_cold_objects.path IS 'Where the file is in its store.';
COMMENT ON COLUMN public.audit_cold_objects.state IS 'open: being written. stored: the file was read back, the events are in the database. released: the events are in the file only, apart from loans. condemned: the file is to be removed. gone: it was removed.';
COMMENT ON COLUMN public.audit_cold_objects.replaces IS 'The object whose events it holds after an erasure; NULL: it was written from the archive.';
COMMENT ON COLUMN public.audit_cold_objects.is_adopted IS 'The catalog had lost the object, and adopt_audit_cold_object() took it in again.';
COMMENT ON COLUMN public.audit_cold_objects.event_count IS 'How many events are in the file; NULL until it was read back.';
COMMENT ON COLUMN public.audit_cold_objects.first_created_at IS 'created_at of the first event of the file. An object holds what lies between its first and its last event in the order (created_at, id).';
COMMENT ON COLUMN public.audit_cold_objects.first_id IS 'The first event of the file.';
COMMENT ON COLUMN public.audit_cold_objects.last_created_at IS 'created_at of the last event of the file.';
COMMENT ON COLUMN public.audit_cold_objects.last_id IS 'The last event of the file.';
COMMENT ON COLUMN public.audit_cold_objects.file_bytes IS 'The size of the file.';
COMMENT ON COLUMN public.audit_cold_objects.file_sha256 IS 'The SHA-256 of the file, as it was read back from the store.';
COMMENT ON COLUMN public.audit_cold_objects.manifest IS 'What the file says of itself; it holds no payload.';
COMMENT ON COLUMN public.audit_cold_objects.request_id IS 'The request in audit_deletion_requests whose approval released it; NULL: no request was needed.';
COMMENT ON COLUMN public.audit_cold_objects.release_log_id IS 'The entry in audit_deletion_log of the release; a successor has that of the object it replaces.';
COMMENT ON COLUMN public.audit_cold_objects.condemned_reason IS 'Why the file is to be removed.';
COMMENT ON COLUMN public.audit_cold_objects.opened_at IS 'When it was begun.';
COMMENT ON COLUMN public.audit_cold_objects.opened_by_user_id IS 'Who began it: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN public.audit_cold_objects.opened_by_role IS 'The session user who began it.';
COMMENT ON COLUMN public.audit_cold_objects.opened_by_pid IS 'The process of the session that began it.';
COMMENT ON COLUMN public.audit_cold_objects.opened_by_backend_start IS 'When that session began. An open object whose session has ended is worthless.';
COMMENT ON COLUMN public.audit_cold_objects.stored_at IS 'When the file had been read back from the store.';
COMMENT ON COLUMN public.audit_cold_objects.stored_by_user_id IS 'Who stored it.';
COMMENT ON COLUMN public.audit_cold_objects.stored_by_role IS 'The session user who stored it.';
COMMENT ON COLUMN public.audit_cold_objects.released_at IS 'When its events left the database.';
COMMENT ON COLUMN public.audit_cold_objects.released_by_user_id IS 'Who released it.';
COMMENT ON COLUMN public.audit_cold_objects.released_by_role IS 'The session user who released it.';
COMMENT ON COLUMN public.audit_cold_objects.condemned_at IS 'When it was decided that the file is to be removed.';
COMMENT ON COLUMN public.audit_cold_objects.condemned_by_user_id IS 'Who discarded, replaced, erased or purged it.';
COMMENT ON COLUMN public.audit_cold_objects.condemned_by_role IS 'The session user who did so.';
COMMENT ON COLUMN public.audit_cold_objects.gone_at IS 'When it was confirmed that the store has the file no more.';
COMMENT ON COLUMN public.audit_cold_objects.gone_by_user_id IS 'Who confirmed it.';
COMMENT ON COLUMN public.audit_cold_objects.gone_by_role IS 'The session user who confirmed it.';
COMMENT ON COLUMN public.audit_cold_objects.checked_at IS 'When the file was last looked for and compared with its digest.';
COMMENT ON COLUMN public.audit_cold_objects.checked_by_user_id IS 'Who did so.';
COMMENT ON COLUMN public.audit_cold_objects.checked_by_role IS 'The session user who did so.';
COMMENT ON COLUMN public.audit_cold_objects.check_result IS 'ok, missing, altered or unreadable.';
COMMENT ON COLUMN public.audit_cold_objects.check_detail IS 'What was found, in words.';
CREATE TABLE public.audit_deletion_events (
    list_id uuid NOT NULL,
    part integer NOT NULL,
    entries bytea NOT NULL,
    CONSTRAINT check_entries_whole CHECK ((((octet_length(entries) % 48) = 0) AND ((octet_length(entries) >= 48) AND (octet_length(entries) <= (48 * 170)))))
);
ALTER TABLE ONLY public.audit_deletion_events ALTER COLUMN entries SET STORAGE EXTERNAL;
ALTER TABLE public.audit_deletion_events OWNER TO postgres;
COMMENT ON TABLE public.audit_deletion_events IS 'The events that an entry of audit_deletion_log took (erasure, purge, off-boarding, adoption or release to cold storage), each with its leaf hash; event_ids_sha256 of audit_deletion_log is the digest of the list. Append-only; holds no payload.';
COMMENT ON COLUMN public.audit_deletion_events.list_id IS 'event_list_id of audit_deletion_log.';
COMMENT ON COLUMN public.audit_deletion_events.part IS 'Parts are numbered from 0.';
COMMENT ON COLUMN public.audit_deletion_events.entries IS 'Up to 170 events of 48 bytes: id, then leaf hash, which is zero where the event had no key.';
CREATE TABLE public.audit_deletion_log (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    deleted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_by_user_id uuid,
    deleted_by_role text NOT NULL,
    acting_role text NOT NULL,
    workspace_id uuid NOT NULL,
    subject_user_id uuid,
    deletion_authority text NOT NULL,
    deletion_reason text,
    approval_ticket_id text,
    event_count bigint NOT NULL,
    oldest_event_at timestamp with time zone,
    newest_event_at timestamp with time zone,
    is_irrevocable boolean NOT NULL,
    event_list_id uuid,
    event_ids_sha256 bytea,
    kind text,
    parent_id uuid,
    include_events_about_user boolean,
    cutoff timestamp with time zone,
    held_workspaces uuid[],
    CONSTRAINT check_deletion_authority_not_empty CHECK ((btrim(deletion_authority, ' 	
'::text) <> ''::text)),
    CONSTRAINT check_event_count_not_negative CHECK ((event_count >= 0)),
    CONSTRAINT check_events_about_somebody CHECK (((include_events_about_user IS NULL) OR (subject_user_id IS NOT NULL))),
    CONSTRAINT check_kind_known CHECK (((kind IS NULL) OR ((kind = 'cold'::text) AND (subject_user_id IS NULL) AND (NOT is_irrevocable)) OR ((kind = 'person_erasure'::text) AND (subject_user_id IS NOT NULL) AND is_irrevocable) OR ((kind = 'offboarding'::text) AND (subject_user_id IS NULL) AND is_irrevocable))),
    CONSTRAINT check_parts_of_person CHECK (((kind = 'person_erasure'::text) OR ((parent_id IS NULL) AND (held_workspaces IS NULL))))
);
ALTER TABLE public.audit_deletion_log OWNER TO postgres;
COMMENT ON TABLE public.audit_deletion_log IS 'What left the hot trail or was erased: by retention, erasure, purge, off-boarding, adoption or release to cold storage. Append-only; holds no payload.';
COMMENT ON COLUMN public.audit_deletion_log.id IS 'The entry; certificates name it.';
COMMENT ON COLUMN public.audit_deletion_log.deleted_at IS 'When it was done.';
COMMENT ON COLUMN public.audit_deletion_log.deleted_by_user_id IS 'The user of the request, when there was one.';
COMMENT ON COLUMN public.audit_deletion_log.deleted_by_role IS 'The session user: who logged in to the database.';
COMMENT ON COLUMN public.audit_deletion_log.acting_role IS 'The role in force (SET ROLE).';
COMMENT ON COLUMN public.audit_deletion_log.workspace_id IS 'The workspace whose events it was; the nil UUID for the whole of an erasure in all workspaces.';
COMMENT ON COLUMN public.audit_deletion_log.subject_user_id IS 'The person whose events were erased; NULL where the entry is of no erasure.';
COMMENT ON COLUMN public.audit_deletion_log.deletion_authority IS 'GDPR, CCPA, ...; RETENTION_POLICY is reserved for the archive job, ADOPTION for audit_adopt_events().';
COMMENT ON COLUMN public.audit_deletion_log.deletion_reason IS 'Why, in words.';
COMMENT ON COLUMN public.audit_deletion_log.approval_ticket_id IS 'The ticket of the approval, as text.';
COMMENT ON COLUMN public.audit_deletion_log.event_count IS 'How many events; 0 for the whole of an erasure in all workspaces, whose parts count them.';
COMMENT ON COLUMN public.audit_deletion_log.oldest_event_at IS 'created_at of the oldest of them.';
COMMENT ON COLUMN public.audit_deletion_log.newest_event_at IS 'created_at of the newest of them.';
COMMENT ON COLUMN public.audit_deletion_log.is_irrevocable IS 'True when payload was erased or rows were removed; false when events moved to the archive.';
COMMENT ON COLUMN public.audit_deletion_log.event_list_id IS 'The list of the events in audit_deletion_events; NULL when there are none.';
COMMENT ON COLUMN public.audit_deletion_log.event_ids_sha256 IS 'The SHA-256 of that list, over all its parts in their order; NULL when there are none.';
COMMENT ON COLUMN public.audit_deletion_log.kind IS 'cold: the events went to cold storage, or back there after a loan. person_erasure: of delete_person_audit_events(), the whole and its parts. offboarding: all events of the workspace were removed. NULL for all others, which the other columns tell apart.';
COMMENT ON COLUMN public.audit_deletion_log.parent_id IS 'Of one workspace''s part of an erasure in all workspaces: the entry of the whole.';
COMMENT ON COLUMN public.audit_deletion_log.include_events_about_user IS 'Of an erasure: whether it was of events about the person, too.';
COMMENT ON COLUMN public.audit_deletion_log.cutoff IS 'Of an erasure or purge: no event that was created later was taken.';
COMMENT ON COLUMN public.audit_deletion_log.held_workspaces IS 'Of an erasure in all workspaces: those that were left out, because they were held.';
CREATE TABLE public.audit_deletion_months (
    deletion_log_id uuid NOT NULL,
    month date NOT NULL,
    event_count bigint NOT NULL,
    CONSTRAINT check_month_has_events CHECK ((event_count >= 1))
);
ALTER TABLE public.audit_deletion_months OWNER TO postgres;
COMMENT ON TABLE public.audit_deletion_months IS 'How many events of which UTC months an irrevocable deletion concerned; append-only. For certificates, which must not depend on rows that are purged later.';
COMMENT ON COLUMN public.audit_deletion_months.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN public.audit_deletion_months.month IS 'First day of the UTC month.';
COMMENT ON COLUMN public.audit_deletion_months.event_count IS 'How many events of that month.';
CREATE TABLE public.audit_deletion_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    workspace_id uuid NOT NULL,
    subject_user_id uuid,
    include_events_about_user boolean DEFAULT false NOT NULL,
    deletion_authority text NOT NULL,
    reason text,
    state text DEFAULT 'pending'::text NOT NULL,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    requested_by_user_id uuid NOT NULL,
    requested_by_role text NOT NULL,
    requested_by_role_oid oid,
    expires_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by_user_id uuid,
    decided_by_role text,
    approval_ticket_id text,
    rejection_reason text,
    execute_after timestamp with time zone,
    executed_at timestamp with time zone,
    executed_by_user_id uuid,
    executed_by_role text,
    deletion_log_id uuid,
    skip_held boolean DEFAULT false NOT NULL,
    CONSTRAINT check_approved_by_another CHECK (((state <> ALL (ARRAY['cooling_off'::text, 'executed'::text])) OR ((decided_by_user_id IS NOT NULL) AND (decided_by_user_id <> requested_by_user_id) AND (decided_at IS NOT NULL) AND (decided_by_role IS NOT NULL) AND (execute_after IS NOT NULL) AND (approval_ticket_id IS NOT NULL) AND (btrim(approval_ticket_id, ' 	
'::text) <> ''::text)))),
    CONSTRAINT check_executed_complete CHECK ((((state = 'executed'::text) = (num_nonnulls(executed_at, executed_by_user_id, executed_by_role, deletion_log_id) = 4)) AND (num_nonnulls(executed_at, executed_by_user_id, executed_by_role, deletion_log_id) = ANY (ARRAY[0, 4])))),
    CONSTRAINT check_kind_known CHECK ((kind = ANY (ARRAY['erasure'::text, 'person_erasure'::text, 'purge'::text, 'cold'::text, 'offboarding'::text]))),
    CONSTRAINT check_only_persons_skip CHECK (((NOT skip_held) OR (kind = 'person_erasure'::text))),
    CONSTRAINT check_rejection_says_why CHECK ((((state = 'rejected'::text) = (rejection_reason IS NOT NULL)) AND (btrim(rejection_reason, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_request_authority_not_empty CHECK ((btrim(deletion_authority, ' 	
'::text) <> ''::text)),
    CONSTRAINT check_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'cooling_off'::text, 'executed'::text, 'rejected'::text, 'expired'::text]))),
    CONSTRAINT check_subject_of_kind CHECK (((kind = ANY (ARRAY['erasure'::text, 'person_erasure'::text])) = (subject_user_id IS NOT NULL)))
);
ALTER TABLE public.audit_deletion_requests OWNER TO postgres;
COMMENT ON TABLE public.audit_deletion_requests IS 'Requests for erasure of a person''s events, in a workspace or in all, purge or off-boarding of a workspace, or release of its stored cold objects, with who asked, who decided and what followed. Written by request_audit_deletion(), request_audit_person_deletion(), request_audit_purge(), request_audit_cold_release(), request_audit_offboarding(), approve_audit_deletion(), execute_audit_deletion() and reject_audit_deletion().';
COMMENT ON COLUMN public.audit_deletion_requests.id IS 'The request.';
COMMENT ON COLUMN public.audit_deletion_requests.kind IS 'erasure of a person''s payload in a workspace, person_erasure: in all workspaces, offboarding: removal of all events of a workspace, purge of events past their period, or cold: release of stored cold objects.';
COMMENT ON COLUMN public.audit_deletion_requests.workspace_id IS 'The workspace; the nil UUID for person_erasure.';
COMMENT ON COLUMN public.audit_deletion_requests.subject_user_id IS 'The person whose events are to be erased; NULL for a purge, an off-boarding and a cold release.';
COMMENT ON COLUMN public.audit_deletion_requests.include_events_about_user IS 'Also events whose resource is the person.';
COMMENT ON COLUMN public.audit_deletion_requests.deletion_authority IS 'The law or rule that demands it.';
COMMENT ON COLUMN public.audit_deletion_requests.reason IS 'Why, in words.';
COMMENT ON COLUMN public.audit_deletion_requests.state IS 'pending, cooling_off (approved), executed, rejected or expired.';
COMMENT ON COLUMN public.audit_deletion_requests.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN public.audit_deletion_requests.requested_by_user_id IS 'Who asked: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN public.audit_deletion_requests.requested_by_role IS 'The session user who asked.';
COMMENT ON COLUMN public.audit_deletion_requests.requested_by_role_oid IS 'The OID of that role; NULL where a gateway''s user asked. A role that was renamed is still refused as its own approver. After a restore another role may have this OID; it is then refused, too.';
COMMENT ON COLUMN public.audit_deletion_requests.expires_at IS 'When it can no longer be approved, or once approved no longer be executed.';
COMMENT ON COLUMN public.audit_deletion_requests.decided_at IS 'When it was approved or rejected.';
COMMENT ON COLUMN public.audit_deletion_requests.decided_by_user_id IS 'Who approved or rejected it.';
COMMENT ON COLUMN public.audit_deletion_requests.decided_by_role IS 'The session user who approved or rejected it.';
COMMENT ON COLUMN public.audit_deletion_requests.approval_ticket_id IS 'The ticket of the approval.';
COMMENT ON COLUMN public.audit_deletion_requests.rejection_reason IS 'Why it was rejected.';
COMMENT ON COLUMN public.audit_deletion_requests.execute_after IS 'When the cooling-off period ends.';
COMMENT ON COLUMN public.audit_deletion_requests.executed_at IS 'When it was carried out.';
COMMENT ON COLUMN public.audit_deletion_requests.executed_by_user_id IS 'Who carried it out.';
COMMENT ON COLUMN public.audit_deletion_requests.executed_by_role IS 'The session user who carried it out.';
COMMENT ON COLUMN public.audit_deletion_requests.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN public.audit_deletion_requests.skip_held IS 'Of person_erasure: held workspaces are left out, instead of standing in the way.';
CREATE TABLE public.audit_deletion_scrubs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    deletion_log_id uuid NOT NULL,
    scrubbed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    scrubbed_by_role text NOT NULL,
    partitions text[] NOT NULL
);
ALTER TABLE public.audit_deletion_scrubs OWNER TO postgres;
COMMENT ON TABLE public.audit_deletion_scrubs IS 'When the bytes that a deletion left behind in data files were removed with audit_scrub(); append-only.';
COMMENT ON COLUMN public.audit_deletion_scrubs.id IS 'The scrub.';
COMMENT ON COLUMN public.audit_deletion_scrubs.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN public.audit_deletion_scrubs.scrubbed_at IS 'When it was done.';
COMMENT ON COLUMN public.audit_deletion_scrubs.scrubbed_by_role IS 'The session user who did it.';
COMMENT ON COLUMN public.audit_deletion_scrubs.partitions IS 'The tables that were rewritten.';
CREATE TABLE public.audit_retention_policies (
    workspace_id uuid NOT NULL,
    hot_retention_days integer DEFAULT 90 NOT NULL,
    warm_archive_days integer DEFAULT 365 NOT NULL,
    cold_retention_days integer,
    is_compliance_mode boolean DEFAULT false NOT NULL,
    compliance_reason text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    requires_approval boolean DEFAULT false NOT NULL,
    archive_by text DEFAULT 'event'::text NOT NULL,
    approval_expiry_days integer DEFAULT 30 NOT NULL,
    cooling_off_days integer DEFAULT 0 NOT NULL,
    protected_until timestamp with time zone,
    protected_days integer,
    offboarded_at timestamp with time zone,
    CONSTRAINT check_approval_expiry_days_positive CHECK ((approval_expiry_days >= 1)),
    CONSTRAINT check_archive_by_known CHECK ((archive_by = ANY (ARRAY['event'::text, 'month'::text]))),
    CONSTRAINT check_cold_retention_days_not_before_warm CHECK ((cold_retention_days >= warm_archive_days)),
    CONSTRAINT check_compliance_reason_given CHECK (((NOT is_compliance_mode) OR ((compliance_reason IS NOT NULL) AND (btrim(compliance_reason, ' 	
'::text) <> ''::text)))),
    CONSTRAINT check_cooling_off_days_not_negative CHECK ((cooling_off_days >= 0)),
    CONSTRAINT check_hot_retention_days_positive CHECK ((hot_retention_days >= 1)),
    CONSTRAINT check_protected_days_positive CHECK ((protected_days >= 1)),
    CONSTRAINT check_warm_archive_days_not_before_hot CHECK ((warm_archive_days >= hot_retention_days))
);
ALTER TABLE public.audit_retention_policies OWNER TO postgres;
COMMENT ON TABLE public.audit_retention_policies IS 'How long the events of a workspace stay hot, archived and in cold storage. A workspace without a row has the defaults. Rows cannot be deleted; every change is an audit event.';
COMMENT ON COLUMN public.audit_retention_policies.workspace_id IS 'The workspace.';
COMMENT ON COLUMN public.audit_retention_policies.hot_retention_days IS 'Days from created_at that an event stays in audit_events.';
COMMENT ON COLUMN public.audit_retention_policies.warm_archive_days IS 'Days from created_at after which an archived event may be purged, or go to cold storage where cold_retention_days is set.';
COMMENT ON COLUMN public.audit_retention_policies.cold_retention_days IS 'Days from created_at after which an event may be purged, archived or cold. NULL: nothing goes to cold storage, and warm_archive_days counts.';
COMMENT ON COLUMN public.audit_retention_policies.is_compliance_mode IS 'Events are archived and never purged. An erasure is still possible.';
COMMENT ON COLUMN public.audit_retention_policies.compliance_reason IS 'The rule that demands compliance mode, for example GDPR, HIPAA, SOC2.';
COMMENT ON COLUMN public.audit_retention_policies.created_at IS 'When the policy appeared.';
COMMENT ON COLUMN public.audit_retention_policies.updated_at IS 'When the policy was changed last.';
COMMENT ON COLUMN public.audit_retention_policies.requires_approval IS 'Deletion only through a request that somebody else approves.';
COMMENT ON COLUMN public.audit_retention_policies.archive_by IS 'event: each event when it is old enough; month: whole UTC months.';
COMMENT ON COLUMN public.audit_retention_policies.approval_expiry_days IS 'Days after which a request for deletion that nobody decided expires.';
COMMENT ON COLUMN public.audit_retention_policies.cooling_off_days IS 'Days between the approval of a deletion and its execution; 0: it is executed with the approval.';
COMMENT ON COLUMN public.audit_retention_policies.protected_until IS 'Set by the server for 30 days when a change would let events be purged earlier: until then the former terms still hold.';
COMMENT ON COLUMN public.audit_retention_policies.protected_days IS 'Until protected_until nothing younger than so many days is purged. If it is NULL and protected_until is set, nothing is purged: the workspace has left compliance mode.';
COMMENT ON COLUMN public.audit_retention_policies.offboarded_at IS 'Set by the server when all events of the workspace were removed (request_audit_offboarding()). Events that come later are recorded, and audit_health() warns of them.';
CREATE TABLE public.audit_sequence_floors (
    workspace_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    last_created_at timestamp with time zone NOT NULL
);
ALTER TABLE public.audit_sequence_floors OWNER TO postgres;
COMMENT ON TABLE public.audit_sequence_floors IS 'Floors: times before which a workspace takes no event with a supplied time. They are set through audit_event_sequence.';
COMMENT ON COLUMN public.audit_sequence_floors.workspace_id IS 'The workspace.';
COMMENT ON COLUMN public.audit_sequence_floors.last_event_id IS 'The event the floor was set for.';
COMMENT ON COLUMN public.audit_sequence_floors.last_created_at IS 'The floor.';
CREATE VIEW public.audit_event_sequence AS
 SELECT policy.workspace_id,
    latest.last_event_id,
    latest.last_created_at
   FROM (public.audit_retention_policies policy
     CROSS JOIN LATERAL ( SELECT known.last_event_id,
            known.last_created_at
           FROM ( SELECT newest.id AS last_event_id,
                    newest.created_at AS last_created_at
                   FROM public.audit_newest_event(policy.workspace_id) newest(id, created_at)
                UNION ALL
                 SELECT floor.last_event_id,
                    floor.last_created_at
                   FROM public.audit_sequence_floors floor
                  WHERE (floor.workspace_id = policy.workspace_id)) known
          ORDER BY known.last_created_at DESC
         LIMIT 1) latest);
ALTER TABLE public.audit_event_sequence OWNER TO postgres;
COMMENT ON VIEW public.audit_event_sequence IS 'The newest event of each workspace, or its floor if that is later. A floor is a time before which a workspace takes no event with a supplied time. INSERT a row to set one.';
COMMENT ON COLUMN public.audit_event_sequence.workspace_id IS 'The workspace.';
COMMENT ON COLUMN public.audit_event_sequence.last_event_id IS 'Its newest event.';
COMMENT ON COLUMN public.audit_event_sequence.last_created_at IS 'That event''s created_at.';
CREATE TABLE public.audit_events (
    id uuid DEFAULT public.audit_event_id() NOT NULL,
    created_at timestamp with time zone DEFAULT public.audit_event_time() NOT NULL,
    created_by_user_id uuid,
    action_type text,
    resource_type text,
    resource_id uuid,
    workspace_id uuid NOT NULL,
    old_values jsonb,
    new_values jsonb,
    changed_fields text[],
    ip_address inet,
    user_agent text,
    request_id text,
    tags text[],
    metadata jsonb,
    deleted_at timestamp with time zone,
    deleted_by_user_id uuid,
    deletion_reason text,
    seal_key bytea,
    seal_xid bigint,
    CONSTRAINT check_action_type_not_empty CHECK (((action_type IS NOT NULL) AND (btrim(action_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_created_at_not_future CHECK (((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + ('00:00:00.000001'::interval * (((((('x'::text || replace("left"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))),
    CONSTRAINT check_created_by_user_id_not_null CHECK ((created_by_user_id IS NOT NULL)),
    CONSTRAINT check_new_values_not_empty CHECK (((new_values IS NULL) OR (new_values <> '{}'::jsonb))),
    CONSTRAINT check_old_values_not_empty CHECK (((old_values IS NULL) OR (old_values <> '{}'::jsonb))),
    CONSTRAINT check_resource_type_not_empty CHECK (((resource_type IS NOT NULL) AND (btrim(resource_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_workspace_id_not_null CHECK ((workspace_id IS NOT NULL))
)
PARTITION BY RANGE (created_at);
ALTER TABLE ONLY public.audit_events ALTER COLUMN old_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN new_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN changed_fields SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN ip_address SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN user_agent SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN tags SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events ALTER COLUMN seal_key SET STATISTICS 0;
ALTER TABLE public.audit_events OWNER TO postgres;
COMMENT ON TABLE public.audit_events IS 'Audit events, append-only, partitioned by UTC month of created_at. Record with insert_audit_event(); UPDATE, DELETE and TRUNCATE are refused to everybody.';
COMMENT ON COLUMN public.audit_events.id IS 'UUIDv7 (RFC 9562) made by the server; its time part is created_at to the microsecond. Version 8, otherwise laid out alike, marks an imported event.';
COMMENT ON COLUMN public.audit_events.created_at IS 'When the event was inserted (not when its transaction began), or the time a caller supplied, in order within the workspace.';
COMMENT ON COLUMN public.audit_events.created_by_user_id IS 'Who did it.';
COMMENT ON COLUMN public.audit_events.action_type IS 'What was done, for example CREATE_WORKSPACE; AUDIT_* are events of the audit trail itself.';
COMMENT ON COLUMN public.audit_events.resource_type IS 'The kind of thing it was done to, for example workspace.';
COMMENT ON COLUMN public.audit_events.resource_id IS 'The thing it was done to; NULL when there is none (a login).';
COMMENT ON COLUMN public.audit_events.workspace_id IS 'The tenant the event belongs to; the nil UUID for events of the audit trail itself that belong to none.';
COMMENT ON COLUMN public.audit_events.old_values IS 'What it was before. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.new_values IS 'What it was after. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.changed_fields IS 'Sorted names of the top-level keys that differ between old_values and new_values; computed by the server when both are objects, else NULL.';
COMMENT ON COLUMN public.audit_events.ip_address IS 'Where the request came from. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.user_agent IS 'The program that made the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.request_id IS 'The id of the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.tags IS 'Free labels; security puts an event into vw_security_audit. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.metadata IS 'Whatever else the caller wants kept. Under the key audit_ext only the extension writes: who it was by what the server knows (session_user, role, and authenticated_user where it is another), for its own and for captured events. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events.deleted_at IS 'When the event was erased by compliant deletion; NULL for a live event.';
COMMENT ON COLUMN public.audit_events.deleted_by_user_id IS 'Who had the event erased.';
COMMENT ON COLUMN public.audit_events.deletion_reason IS 'Why the event was erased.';
COMMENT ON COLUMN public.audit_events.seal_key IS 'Set by the server: 16 random bytes that salt the digests under which the event is sealed; once it is erased, the 48 bytes that its seal still needs and that lead back to no payload.';
COMMENT ON COLUMN public.audit_events.seal_xid IS 'Set by the server: the top-level transaction that recorded the event, negative if a caller supplied the time or the event was stored over a second after its time. It tells the sealer which events are new.';
CREATE TABLE public.audit_events_archive (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_user_id uuid,
    action_type text,
    resource_type text,
    resource_id uuid,
    workspace_id uuid NOT NULL,
    old_values jsonb,
    new_values jsonb,
    changed_fields text[],
    ip_address inet,
    user_agent text,
    request_id text,
    tags text[],
    metadata jsonb,
    deleted_at timestamp with time zone,
    deleted_by_user_id uuid,
    deletion_reason text,
    seal_key bytea,
    seal_xid bigint,
    CONSTRAINT check_action_type_not_empty CHECK (((action_type IS NOT NULL) AND (btrim(action_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_created_at_not_future CHECK (((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + ('00:00:00.000001'::interval * (((((('x'::text || replace("left"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))),
    CONSTRAINT check_created_by_user_id_not_null CHECK ((created_by_user_id IS NOT NULL)),
    CONSTRAINT check_new_values_not_empty CHECK (((new_values IS NULL) OR (new_values <> '{}'::jsonb))),
    CONSTRAINT check_old_values_not_empty CHECK (((old_values IS NULL) OR (old_values <> '{}'::jsonb))),
    CONSTRAINT check_resource_type_not_empty CHECK (((resource_type IS NOT NULL) AND (btrim(resource_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_workspace_id_not_null CHECK ((workspace_id IS NOT NULL))
)
PARTITION BY RANGE (created_at);
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN old_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN new_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN changed_fields SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN ip_address SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN user_agent SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN tags SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive ALTER COLUMN seal_key SET STATISTICS 0;
ALTER TABLE public.audit_events_archive OWNER TO postgres;
COMMENT ON TABLE public.audit_events_archive IS 'Audit events past the hot period of their workspace, of the same shape as audit_events, partitioned by UTC month.';
COMMENT ON COLUMN public.audit_events_archive.id IS 'UUIDv7 (RFC 9562) made by the server; its time part is created_at to the microsecond. Version 8, otherwise laid out alike, marks an imported event.';
COMMENT ON COLUMN public.audit_events_archive.created_at IS 'When the event was inserted (not when its transaction began), or the time a caller supplied, in order within the workspace.';
COMMENT ON COLUMN public.audit_events_archive.created_by_user_id IS 'Who did it.';
COMMENT ON COLUMN public.audit_events_archive.action_type IS 'What was done, for example CREATE_WORKSPACE; AUDIT_* are events of the audit trail itself.';
COMMENT ON COLUMN public.audit_events_archive.resource_type IS 'The kind of thing it was done to, for example workspace.';
COMMENT ON COLUMN public.audit_events_archive.resource_id IS 'The thing it was done to; NULL when there is none (a login).';
COMMENT ON COLUMN public.audit_events_archive.workspace_id IS 'The tenant the event belongs to; the nil UUID for events of the audit trail itself that belong to none.';
COMMENT ON COLUMN public.audit_events_archive.old_values IS 'What it was before. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.new_values IS 'What it was after. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.changed_fields IS 'Sorted names of the top-level keys that differ between old_values and new_values; computed by the server when both are objects, else NULL.';
COMMENT ON COLUMN public.audit_events_archive.ip_address IS 'Where the request came from. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.user_agent IS 'The program that made the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.request_id IS 'The id of the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.tags IS 'Free labels; security puts an event into vw_security_audit. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.metadata IS 'Whatever else the caller wants kept. Under the key audit_ext only the extension writes: who it was by what the server knows (session_user, role, and authenticated_user where it is another), for its own and for captured events. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive.deleted_at IS 'When the event was erased by compliant deletion; NULL for a live event.';
COMMENT ON COLUMN public.audit_events_archive.deleted_by_user_id IS 'Who had the event erased.';
COMMENT ON COLUMN public.audit_events_archive.deletion_reason IS 'Why the event was erased.';
COMMENT ON COLUMN public.audit_events_archive.seal_key IS 'Set by the server: 16 random bytes that salt the digests under which the event is sealed; once it is erased, the 48 bytes that its seal still needs and that lead back to no payload.';
COMMENT ON COLUMN public.audit_events_archive.seal_xid IS 'Set by the server: the top-level transaction that recorded the event, negative if a caller supplied the time or the event was stored over a second after its time. It tells the sealer which events are new.';
CREATE TABLE public.audit_events_archive_default (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_user_id uuid,
    action_type text,
    resource_type text,
    resource_id uuid,
    workspace_id uuid NOT NULL,
    old_values jsonb,
    new_values jsonb,
    changed_fields text[],
    ip_address inet,
    user_agent text,
    request_id text,
    tags text[],
    metadata jsonb,
    deleted_at timestamp with time zone,
    deleted_by_user_id uuid,
    deletion_reason text,
    seal_key bytea,
    seal_xid bigint,
    CONSTRAINT check_action_type_not_empty CHECK (((action_type IS NOT NULL) AND (btrim(action_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_created_at_not_future CHECK (((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + ('00:00:00.000001'::interval * (((((('x'::text || replace("left"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))),
    CONSTRAINT check_created_by_user_id_not_null CHECK ((created_by_user_id IS NOT NULL)),
    CONSTRAINT check_new_values_not_empty CHECK (((new_values IS NULL) OR (new_values <> '{}'::jsonb))),
    CONSTRAINT check_old_values_not_empty CHECK (((old_values IS NULL) OR (old_values <> '{}'::jsonb))),
    CONSTRAINT check_resource_type_not_empty CHECK (((resource_type IS NOT NULL) AND (btrim(resource_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_workspace_id_not_null CHECK ((workspace_id IS NOT NULL))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.005');
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN old_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN new_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN changed_fields SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN ip_address SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN user_agent SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN tags SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_archive_default ALTER COLUMN seal_key SET STATISTICS 0;
ALTER TABLE public.audit_events_archive_default OWNER TO postgres;
COMMENT ON TABLE public.audit_events_archive_default IS 'Audit events of months without a partition; create_monthly_audit_partition() moves those of the last twelve months, create_past_audit_partitions() older ones.';
COMMENT ON COLUMN public.audit_events_archive_default.id IS 'UUIDv7 (RFC 9562) made by the server; its time part is created_at to the microsecond. Version 8, otherwise laid out alike, marks an imported event.';
COMMENT ON COLUMN public.audit_events_archive_default.created_at IS 'When the event was inserted (not when its transaction began), or the time a caller supplied, in order within the workspace.';
COMMENT ON COLUMN public.audit_events_archive_default.created_by_user_id IS 'Who did it.';
COMMENT ON COLUMN public.audit_events_archive_default.action_type IS 'What was done, for example CREATE_WORKSPACE; AUDIT_* are events of the audit trail itself.';
COMMENT ON COLUMN public.audit_events_archive_default.resource_type IS 'The kind of thing it was done to, for example workspace.';
COMMENT ON COLUMN public.audit_events_archive_default.resource_id IS 'The thing it was done to; NULL when there is none (a login).';
COMMENT ON COLUMN public.audit_events_archive_default.workspace_id IS 'The tenant the event belongs to; the nil UUID for events of the audit trail itself that belong to none.';
COMMENT ON COLUMN public.audit_events_archive_default.old_values IS 'What it was before. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.new_values IS 'What it was after. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.changed_fields IS 'Sorted names of the top-level keys that differ between old_values and new_values; computed by the server when both are objects, else NULL.';
COMMENT ON COLUMN public.audit_events_archive_default.ip_address IS 'Where the request came from. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.user_agent IS 'The program that made the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.request_id IS 'The id of the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.tags IS 'Free labels; security puts an event into vw_security_audit. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.metadata IS 'Whatever else the caller wants kept. Under the key audit_ext only the extension writes: who it was by what the server knows (session_user, role, and authenticated_user where it is another), for its own and for captured events. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_archive_default.deleted_at IS 'When the event was erased by compliant deletion; NULL for a live event.';
COMMENT ON COLUMN public.audit_events_archive_default.deleted_by_user_id IS 'Who had the event erased.';
COMMENT ON COLUMN public.audit_events_archive_default.deletion_reason IS 'Why the event was erased.';
COMMENT ON COLUMN public.audit_events_archive_default.seal_key IS 'Set by the server: 16 random bytes that salt the digests under which the event is sealed; once it is erased, the 48 bytes that its seal still needs and that lead back to no payload.';
COMMENT ON COLUMN public.audit_events_archive_default.seal_xid IS 'Set by the server: the top-level transaction that recorded the event, negative if a caller supplied the time or the event was stored over a second after its time. It tells the sealer which events are new.';
CREATE TABLE public.audit_events_default (
    id uuid DEFAULT public.audit_event_id() NOT NULL,
    created_at timestamp with time zone DEFAULT public.audit_event_time() NOT NULL,
    created_by_user_id uuid,
    action_type text,
    resource_type text,
    resource_id uuid,
    workspace_id uuid NOT NULL,
    old_values jsonb,
    new_values jsonb,
    changed_fields text[],
    ip_address inet,
    user_agent text,
    request_id text,
    tags text[],
    metadata jsonb,
    deleted_at timestamp with time zone,
    deleted_by_user_id uuid,
    deletion_reason text,
    seal_key bytea,
    seal_xid bigint,
    CONSTRAINT check_action_type_not_empty CHECK (((action_type IS NOT NULL) AND (btrim(action_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_created_at_not_future CHECK (((created_at <= clock_timestamp()) OR (created_at = ('1970-01-01 00:00:00+00'::timestamp with time zone + ('00:00:00.000001'::interval * (((((('x'::text || replace("left"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint * 1000) + (((((('x'::text || substr((id)::text, 16, 3)))::bit(12))::integer * 1000) + 4095) / 4096)))::double precision))))),
    CONSTRAINT check_created_by_user_id_not_null CHECK ((created_by_user_id IS NOT NULL)),
    CONSTRAINT check_new_values_not_empty CHECK (((new_values IS NULL) OR (new_values <> '{}'::jsonb))),
    CONSTRAINT check_old_values_not_empty CHECK (((old_values IS NULL) OR (old_values <> '{}'::jsonb))),
    CONSTRAINT check_resource_type_not_empty CHECK (((resource_type IS NOT NULL) AND (btrim(resource_type, ' 	
'::text) <> ''::text))),
    CONSTRAINT check_workspace_id_not_null CHECK ((workspace_id IS NOT NULL))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.005');
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN old_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN new_values SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN changed_fields SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN ip_address SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN user_agent SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN request_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN tags SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.audit_events_default ALTER COLUMN seal_key SET STATISTICS 0;
ALTER TABLE public.audit_events_default OWNER TO postgres;
COMMENT ON TABLE public.audit_events_default IS 'Audit events of months without a partition; create_monthly_audit_partition() moves those of the last twelve months, create_past_audit_partitions() older ones.';
COMMENT ON COLUMN public.audit_events_default.id IS 'UUIDv7 (RFC 9562) made by the server; its time part is created_at to the microsecond. Version 8, otherwise laid out alike, marks an imported event.';
COMMENT ON COLUMN public.audit_events_default.created_at IS 'When the event was inserted (not when its transaction began), or the time a caller supplied, in order within the workspace.';
COMMENT ON COLUMN public.audit_events_default.created_by_user_id IS 'Who did it.';
COMMENT ON COLUMN public.audit_events_default.action_type IS 'What was done, for example CREATE_WORKSPACE; AUDIT_* are events of the audit trail itself.';
COMMENT ON COLUMN public.audit_events_default.resource_type IS 'The kind of thing it was done to, for example workspace.';
COMMENT ON COLUMN public.audit_events_default.resource_id IS 'The thing it was done to; NULL when there is none (a login).';
COMMENT ON COLUMN public.audit_events_default.workspace_id IS 'The tenant the event belongs to; the nil UUID for events of the audit trail itself that belong to none.';
COMMENT ON COLUMN public.audit_events_default.old_values IS 'What it was before. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.new_values IS 'What it was after. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.changed_fields IS 'Sorted names of the top-level keys that differ between old_values and new_values; computed by the server when both are objects, else NULL.';
COMMENT ON COLUMN public.audit_events_default.ip_address IS 'Where the request came from. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.user_agent IS 'The program that made the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.request_id IS 'The id of the request. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.tags IS 'Free labels; security puts an event into vw_security_audit. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.metadata IS 'Whatever else the caller wants kept. Under the key audit_ext only the extension writes: who it was by what the server knows (session_user, role, and authenticated_user where it is another), for its own and for captured events. Personal payload, erased by compliant deletion.';
COMMENT ON COLUMN public.audit_events_default.deleted_at IS 'When the event was erased by compliant deletion; NULL for a live event.';
COMMENT ON COLUMN public.audit_events_default.deleted_by_user_id IS 'Who had the event erased.';
COMMENT ON COLUMN public.audit_events_default.deletion_reason IS 'Why the event was erased.';
COMMENT ON COLUMN public.audit_events_default.seal_key IS 'Set by the server: 16 random bytes that salt the digests under which the event is sealed; once it is erased, the 48 bytes that its seal still needs and that lead back to no payload.';
COMMENT ON COLUMN public.audit_events_default.seal_xid IS 'Set by the server: the top-level transaction that recorded the event, negative if a caller supplied the time or the event was stored over a second after its time. It tells the sealer which events are new.';
CREATE TABLE public.audit_idempotency_keys_1 (
    key_hash uuid NOT NULL,
    event_id uuid NOT NULL
);
ALTER TABLE public.audit_idempotency_keys_1 OWNER TO postgres;
COMMENT ON TABLE public.audit_idempotency_keys_1 IS 'Idempotency keys of one to two days, with audit_idempotency_keys_2. New keys go into one of the two; audit_seal() and the daily jobs empty the other once a day, and then it takes the new ones. Nothing of an event is here but its id.';
COMMENT ON COLUMN public.audit_idempotency_keys_1.key_hash IS 'A UUIDv8 (RFC 9562) of the SHA-256 of workspace and key. Rows that begin with 00000000-0000-0000 are no keys but times (microseconds since 1970) at which the table became the one for new keys.';
COMMENT ON COLUMN public.audit_idempotency_keys_1.event_id IS 'The event that the key recorded.';
CREATE TABLE public.audit_idempotency_keys_2 (
    key_hash uuid NOT NULL,
    event_id uuid NOT NULL
);
ALTER TABLE public.audit_idempotency_keys_2 OWNER TO postgres;
COMMENT ON TABLE public.audit_idempotency_keys_2 IS 'Idempotency keys of one to two days, with audit_idempotency_keys_1. New keys go into one of the two; audit_seal() and the daily jobs empty the other once a day, and then it takes the new ones. Nothing of an event is here but its id.';
COMMENT ON COLUMN public.audit_idempotency_keys_2.key_hash IS 'A UUIDv8 (RFC 9562) of the SHA-256 of workspace and key. Rows that begin with 00000000-0000-0000 are no keys but times (microseconds since 1970) at which the table became the one for new keys.';
COMMENT ON COLUMN public.audit_idempotency_keys_2.event_id IS 'The event that the key recorded.';
CREATE TABLE public.audit_imports (
    name text NOT NULL,
    source text NOT NULL,
    mapping jsonb NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_by name DEFAULT SESSION_USER NOT NULL,
    finished_at timestamp with time zone,
    imported_count bigint DEFAULT 0 NOT NULL,
    skipped_count bigint DEFAULT 0 NOT NULL,
    oldest_event_at timestamp with time zone,
    newest_event_at timestamp with time zone,
    failure text,
    run_by_pid integer NOT NULL,
    run_by_backend_start timestamp with time zone NOT NULL,
    CONSTRAINT check_import_counts_not_negative CHECK (((imported_count >= 0) AND (skipped_count >= 0))),
    CONSTRAINT check_import_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
    CONSTRAINT check_import_state_known CHECK ((state = ANY (ARRAY['running'::text, 'finished'::text, 'failed'::text])))
);
ALTER TABLE public.audit_imports OWNER TO postgres;
COMMENT ON TABLE public.audit_imports IS 'Imports of the history of other trails, one row a name. CALL import_audit_events() writes it.';
COMMENT ON COLUMN public.audit_imports.name IS 'The import. The ids of its events are made of this name.';
COMMENT ON COLUMN public.audit_imports.source IS 'The table or view that its events came from.';
COMMENT ON COLUMN public.audit_imports.mapping IS 'Which columns and constants they were made of in the last run.';
COMMENT ON COLUMN public.audit_imports.state IS 'running, finished, or failed because an error ended the run. A run whose session was ended, or whose server was stopped, stays running although that session has gone; the next run says in its event that it was interrupted.';
COMMENT ON COLUMN public.audit_imports.started_at IS 'When its last run began.';
COMMENT ON COLUMN public.audit_imports.started_by IS 'Who began that run (session user).';
COMMENT ON COLUMN public.audit_imports.finished_at IS 'When that run ended; NULL before.';
COMMENT ON COLUMN public.audit_imports.imported_count IS 'Events that all its runs imported.';
COMMENT ON COLUMN public.audit_imports.skipped_count IS 'Rows that its last run found imported already, those whose events are gone included.';
COMMENT ON COLUMN public.audit_imports.oldest_event_at IS 'The time of the oldest event that it imported.';
COMMENT ON COLUMN public.audit_imports.newest_event_at IS 'The time of the newest one.';
COMMENT ON COLUMN public.audit_imports.failure IS 'Why its last run failed, with the source_id of the row where it is known, and the SQLSTATE of an error of PostgreSQL; never anything else of the row.';
COMMENT ON COLUMN public.audit_imports.run_by_pid IS 'The process of the session that began that run.';
COMMENT ON COLUMN public.audit_imports.run_by_backend_start IS 'When that session began.';
CREATE TABLE public.audit_indexes (
    kind text NOT NULL,
    is_wanted boolean NOT NULL,
    is_live boolean NOT NULL,
    CONSTRAINT check_index_kind_known CHECK ((kind = ANY (ARRAY['actor'::text, 'action'::text, 'request_id'::text, 'contains'::text]))),
    CONSTRAINT check_live_index_wanted CHECK ((is_wanted OR (NOT is_live)))
);
ALTER TABLE public.audit_indexes OWNER TO postgres;
COMMENT ON TABLE public.audit_indexes IS 'Optional indexes that are or were wanted, set with audit_index() and audit_unindex(). Each change is an event AUDIT_INDEX_CHANGED, and a row is never deleted.';
COMMENT ON COLUMN public.audit_indexes.kind IS 'What the index is for: actor, action, request_id, contains.';
COMMENT ON COLUMN public.audit_indexes.is_wanted IS 'Whether maintenance builds it for months that are over.';
COMMENT ON COLUMN public.audit_indexes.is_live IS 'Whether the current month and those ahead get it too, so that recording pays for it.';
CREATE TABLE public.audit_legal_holds (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid,
    reason text NOT NULL,
    placed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    placed_by_user_id uuid NOT NULL,
    placed_by_role text NOT NULL,
    released_at timestamp with time zone,
    released_by_user_id uuid,
    released_by_role text,
    release_reason text,
    CONSTRAINT check_hold_reason_not_empty CHECK ((btrim(reason, ' 	
'::text) <> ''::text)),
    CONSTRAINT check_release_complete CHECK ((num_nonnulls(released_at, released_by_user_id, released_by_role, release_reason) = ANY (ARRAY[0, 4]))),
    CONSTRAINT check_release_reason_not_empty CHECK (((release_reason IS NULL) OR (btrim(release_reason, ' 	
'::text) <> ''::text)))
);
ALTER TABLE public.audit_legal_holds OWNER TO postgres;
COMMENT ON TABLE public.audit_legal_holds IS 'Legal holds on a workspace or on one user in it; place_audit_hold() and release_audit_hold() write it.';
COMMENT ON COLUMN public.audit_legal_holds.id IS 'The hold.';
COMMENT ON COLUMN public.audit_legal_holds.workspace_id IS 'The workspace whose events are held.';
COMMENT ON COLUMN public.audit_legal_holds.user_id IS 'Only events by or about this user are held; NULL: all of the workspace.';
COMMENT ON COLUMN public.audit_legal_holds.reason IS 'Why they are held, for example the case. It is kept for good; name no person.';
COMMENT ON COLUMN public.audit_legal_holds.placed_at IS 'When it was placed.';
COMMENT ON COLUMN public.audit_legal_holds.placed_by_user_id IS 'Who placed it: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN public.audit_legal_holds.placed_by_role IS 'The session user who placed it.';
COMMENT ON COLUMN public.audit_legal_holds.released_at IS 'When it was released; NULL while in force.';
COMMENT ON COLUMN public.audit_legal_holds.released_by_user_id IS 'Who released it.';
COMMENT ON COLUMN public.audit_legal_holds.released_by_role IS 'The session user who released it.';
COMMENT ON COLUMN public.audit_legal_holds.release_reason IS 'Why it was released. It is kept for good; name no person.';
CREATE TABLE public.audit_log_incarnations (
    incarnation integer NOT NULL,
    root_log_id uuid NOT NULL,
    origin text NOT NULL,
    system_identifier text NOT NULL,
    timeline bigint NOT NULL,
    database_oid bigint NOT NULL,
    reason text NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    began_by text NOT NULL
);
ALTER TABLE public.audit_log_incarnations OWNER TO postgres;
COMMENT ON TABLE public.audit_log_incarnations IS 'The incarnations of the trail''s logs. A restored dump, a copied database, a promoted standby begin one at their first seal: transaction numbers of the former server mean nothing there. Workspaces'' logs go on; the root log is a new one.';
COMMENT ON COLUMN public.audit_log_incarnations.incarnation IS 'Numbered from 1.';
COMMENT ON COLUMN public.audit_log_incarnations.root_log_id IS 'Its root log in audit_log_tiles.';
COMMENT ON COLUMN public.audit_log_incarnations.origin IS 'The first line of its checkpoints: audit_ext.log_origin, a slash, root_log_id.';
COMMENT ON COLUMN public.audit_log_incarnations.system_identifier IS 'The server it is of, as initdb named it.';
COMMENT ON COLUMN public.audit_log_incarnations.timeline IS 'The timeline of its write-ahead log, which a promotion changes.';
COMMENT ON COLUMN public.audit_log_incarnations.database_oid IS 'The database, which a copy by CREATE DATABASE ... TEMPLATE changes.';
COMMENT ON COLUMN public.audit_log_incarnations.reason IS 'Why it began.';
COMMENT ON COLUMN public.audit_log_incarnations.began_at IS 'When it began.';
COMMENT ON COLUMN public.audit_log_incarnations.began_by IS 'The session user whose seal began it.';
CREATE TABLE public.audit_log_seals (
    seal bigint NOT NULL,
    incarnation integer NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    event_count bigint NOT NULL,
    head_count bigint NOT NULL,
    root_size bigint NOT NULL,
    root_hash bytea NOT NULL,
    next_xid bigint NOT NULL,
    boot_id text NOT NULL,
    snapshot text NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    uptime_us bigint NOT NULL,
    waiting bigint[] NOT NULL,
    waiting_since timestamp with time zone[] NOT NULL,
    CONSTRAINT check_root_hash_length CHECK ((octet_length(root_hash) = 32)),
    CONSTRAINT check_waiting_has_since CHECK ((cardinality(waiting) = cardinality(waiting_since)))
);
ALTER TABLE public.audit_log_seals OWNER TO postgres;
COMMENT ON TABLE public.audit_log_seals IS 'Each row is a seal: a checkpoint (root_size, root_hash) over all logs, and the state from which the next seal carries on. Written by audit_seal().';
COMMENT ON COLUMN public.audit_log_seals.seal IS 'Seals are numbered from 1, over all incarnations.';
COMMENT ON COLUMN public.audit_log_seals.incarnation IS 'Which root log it grew.';
COMMENT ON COLUMN public.audit_log_seals.sealed_at IS 'When it was done, by the server''s clock.';
COMMENT ON COLUMN public.audit_log_seals.event_count IS 'How many events it sealed.';
COMMENT ON COLUMN public.audit_log_seals.head_count IS 'How many workspaces they are of: that many heads went to the root log.';
COMMENT ON COLUMN public.audit_log_seals.root_size IS 'Size of the root log after it.';
COMMENT ON COLUMN public.audit_log_seals.root_hash IS 'Root of the root log after it.';
COMMENT ON COLUMN public.audit_log_seals.next_xid IS 'The next number that a transaction would have got, read after the snapshot was taken.';
COMMENT ON COLUMN public.audit_log_seals.boot_id IS 'The start of the machine, as its kernel names it: uptimes of different starts cannot be compared.';
COMMENT ON COLUMN public.audit_log_seals.snapshot IS 'Which transactions had ended, as a pg_snapshot; the next seal takes those that ended since.';
COMMENT ON COLUMN public.audit_log_seals.seen_at IS 'The server''s clock just before the snapshot was taken.';
COMMENT ON COLUMN public.audit_log_seals.uptime_us IS 'Microseconds since the machine was started, at the same moment: shows how far the clock was set back.';
COMMENT ON COLUMN public.audit_log_seals.waiting IS 'Transactions that were running: their events are for a later seal.';
COMMENT ON COLUMN public.audit_log_seals.waiting_since IS 'The time from which on each of them may have recorded events.';
CREATE TABLE public.audit_log_signatures (
    incarnation integer NOT NULL,
    size bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    evidence bytea NOT NULL,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    added_by text NOT NULL,
    CONSTRAINT check_kind_known CHECK ((kind = ANY (ARRAY['note'::text, 'rfc3161'::text])))
);
ALTER TABLE public.audit_log_signatures OWNER TO postgres;
COMMENT ON TABLE public.audit_log_signatures IS 'Signatures and timestamps over checkpoints, as they were handed in by audit_add_signatures() and audit_add_timestamp().';
COMMENT ON COLUMN public.audit_log_signatures.incarnation IS 'The incarnation whose checkpoint it is.';
COMMENT ON COLUMN public.audit_log_signatures.size IS 'The size of the checkpoint.';
COMMENT ON COLUMN public.audit_log_signatures.kind IS 'note: a signature line of a C2SP signed note. rfc3161: a timestamp.';
COMMENT ON COLUMN public.audit_log_signatures.name IS 'The key''s name in the signature line; of a timestamp the SHA-256 of the token.';
COMMENT ON COLUMN public.audit_log_signatures.evidence IS 'The signature line, or the token.';
COMMENT ON COLUMN public.audit_log_signatures.added_at IS 'When it was handed in.';
COMMENT ON COLUMN public.audit_log_signatures.added_by IS 'The session user who handed it in.';
CREATE TABLE public.audit_log_tiles (
    log_id uuid NOT NULL,
    level smallint NOT NULL,
    first bigint NOT NULL,
    hashes bytea NOT NULL,
    refs bytea,
    frontier bytea,
    head_index bigint,
    incarnation integer,
    CONSTRAINT check_hashes_within_tile CHECK (((first >= 0) AND ((octet_length(hashes) % 32) = 0) AND ((octet_length(hashes) >= 32) AND (octet_length(hashes) <= (32 * (256 - (first % (256)::bigint))))))),
    CONSTRAINT check_leaves_have_refs CHECK ((((level = 0) = (refs IS NOT NULL)) AND ((level = 0) = (frontier IS NOT NULL))))
);
ALTER TABLE ONLY public.audit_log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.audit_log_tiles ALTER COLUMN refs SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.audit_log_tiles ALTER COLUMN frontier SET STORAGE EXTERNAL;
ALTER TABLE public.audit_log_tiles OWNER TO postgres;
COMMENT ON TABLE public.audit_log_tiles IS 'Merkle trees over the events of each workspace (log_id is the workspace) and over the heads of those trees (the root log). audit_seal() appends; a row is replaced only by a longer one that begins with it.';
COMMENT ON COLUMN public.audit_log_tiles.log_id IS 'The workspace, or root_log_id of audit_log_incarnations.';
COMMENT ON COLUMN public.audit_log_tiles.level IS '0: leaf hashes. k: roots of full tiles of level k - 1.';
COMMENT ON COLUMN public.audit_log_tiles.first IS 'The place of the first hash among those of its level, counted from 0.';
COMMENT ON COLUMN public.audit_log_tiles.hashes IS 'Neighbouring SHA-256 hashes, 32 bytes each.';
COMMENT ON COLUMN public.audit_log_tiles.refs IS 'What each leaf stands for: the id of an event (16 bytes), in a root log a workspace, the size of its log, and the size at its head before (16, 8 and 8 bytes).';
COMMENT ON COLUMN public.audit_log_tiles.frontier IS 'Roots of the perfect subtrees of the log up to the end of this row, the largest first.';
COMMENT ON COLUMN public.audit_log_tiles.head_index IS 'The place, in the root log, of the head that this row ended with; NULL in a root log, and where the seal went on behind this row.';
COMMENT ON COLUMN public.audit_log_tiles.incarnation IS 'The incarnation whose root log has that head.';
CREATE TABLE public.audit_membership_source (
    singleton boolean DEFAULT true NOT NULL,
    table_schema name,
    table_name name,
    workspace_column name,
    user_column name,
    CONSTRAINT check_one_source CHECK (singleton),
    CONSTRAINT check_source_complete CHECK ((num_nonnulls(table_schema, table_name, workspace_column, user_column) = ANY (ARRAY[0, 4])))
);
ALTER TABLE public.audit_membership_source OWNER TO postgres;
COMMENT ON TABLE public.audit_membership_source IS 'The table that tells who is a member of which workspace; set with audit_set_membership_source().';
COMMENT ON COLUMN public.audit_membership_source.singleton IS 'Always true: there is one row at most.';
COMMENT ON COLUMN public.audit_membership_source.table_schema IS 'Schema of the table; NULL when the check is off.';
COMMENT ON COLUMN public.audit_membership_source.table_name IS 'Name of the table.';
COMMENT ON COLUMN public.audit_membership_source.workspace_column IS 'Its column that holds the workspace.';
COMMENT ON COLUMN public.audit_membership_source.user_column IS 'Its column that holds the user.';
CREATE TABLE public.audit_resource_salt (
    salt bytea DEFAULT (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT check_salt_is_long CHECK ((octet_length(salt) >= 32))
);
ALTER TABLE public.audit_resource_salt OWNER TO postgres;
COMMENT ON TABLE public.audit_resource_salt IS 'What audit_resource_id() makes ids with beside the key; the oldest row is in force. Never changed: a key has one id for the life of the trail. Whoever has it can try keys.';
COMMENT ON COLUMN public.audit_resource_salt.salt IS 'Random bytes.';
COMMENT ON COLUMN public.audit_resource_salt.made_at IS 'When it was drawn.';
CREATE TABLE public.audit_restored_events (
    event_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    restored_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    keep_hot_until timestamp with time zone NOT NULL
);
ALTER TABLE public.audit_restored_events OWNER TO postgres;
COMMENT ON TABLE public.audit_restored_events IS 'Events brought back from the archive, which are not archived again before a time. The first archive run after that time removes the row.';
COMMENT ON COLUMN public.audit_restored_events.event_id IS 'The event.';
COMMENT ON COLUMN public.audit_restored_events.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN public.audit_restored_events.created_at IS 'Its time.';
COMMENT ON COLUMN public.audit_restored_events.restored_at IS 'When it was brought back.';
COMMENT ON COLUMN public.audit_restored_events.keep_hot_until IS 'When it may be archived again.';
CREATE TABLE public.audit_stream_cursors (
    stream_id uuid NOT NULL,
    incarnation integer NOT NULL,
    root_place bigint NOT NULL,
    log_place bigint DEFAULT 0 NOT NULL,
    batch_id bigint DEFAULT 0 NOT NULL,
    end_incarnation integer,
    end_root_place bigint,
    end_log_place bigint,
    batch_events bytea,
    fetched_at timestamp with time zone,
    acked_at timestamp with time zone,
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT check_batch_end_complete CHECK ((num_nonnulls(end_incarnation, end_root_place, end_log_place) = ANY (ARRAY[0, 3]))),
    CONSTRAINT check_batch_events_whole CHECK (((batch_events IS NULL) OR ((end_incarnation IS NOT NULL) AND ((octet_length(batch_events) % 16) = 0)))),
    CONSTRAINT check_places_not_negative CHECK (((root_place >= 0) AND (log_place >= 0) AND (batch_id >= 0)))
);
ALTER TABLE public.audit_stream_cursors OWNER TO postgres;
COMMENT ON TABLE public.audit_stream_cursors IS 'Where each stream stands: the place behind what was acknowledged, and the batch that waits to be acknowledged. Written by fetch_audit_stream(), ack_audit_stream() and resume_audit_stream().';
COMMENT ON COLUMN public.audit_stream_cursors.stream_id IS 'The stream of audit_stream_definitions.';
COMMENT ON COLUMN public.audit_stream_cursors.incarnation IS 'The incarnation of audit_log_incarnations whose root log it reads.';
COMMENT ON COLUMN public.audit_stream_cursors.root_place IS 'The head in that root log from which it goes on.';
COMMENT ON COLUMN public.audit_stream_cursors.log_place IS 'The place in the log of that head''s workspace from which it goes on; 0: from the first that the head added.';
COMMENT ON COLUMN public.audit_stream_cursors.batch_id IS 'The number of the last batch; 0 before the first.';
COMMENT ON COLUMN public.audit_stream_cursors.end_incarnation IS 'Where the batch that waits ends, as incarnation; NULL where none waits.';
COMMENT ON COLUMN public.audit_stream_cursors.end_root_place IS 'As root_place.';
COMMENT ON COLUMN public.audit_stream_cursors.end_log_place IS 'As log_place.';
COMMENT ON COLUMN public.audit_stream_cursors.batch_events IS 'The ids of the events of the batch that waits, where the stream has only some action types: the type of an event is not known any more when it is purged.';
COMMENT ON COLUMN public.audit_stream_cursors.fetched_at IS 'When it was fetched from last.';
COMMENT ON COLUMN public.audit_stream_cursors.acked_at IS 'When a batch was acknowledged last.';
COMMENT ON COLUMN public.audit_stream_cursors.begun_at IS 'When it was set to where it began, by create_audit_stream() or resume_audit_stream().';
CREATE TABLE public.audit_stream_definitions (
    stream_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    reader name NOT NULL,
    reader_oid oid NOT NULL,
    reader_system text NOT NULL,
    format text NOT NULL,
    workspace_id uuid,
    actions text[],
    imported boolean NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by name DEFAULT SESSION_USER NOT NULL,
    dropped_at timestamp with time zone,
    dropped_by name,
    CONSTRAINT check_stream_drop_complete CHECK (((dropped_at IS NULL) = (dropped_by IS NULL))),
    CONSTRAINT check_stream_format_known CHECK ((format = ANY (ARRAY['json'::text, 'ocsf'::text, 'cef'::text, 'ecs'::text]))),
    CONSTRAINT check_stream_name_length CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 63)))
);
ALTER TABLE public.audit_stream_definitions OWNER TO postgres;
COMMENT ON TABLE public.audit_stream_definitions IS 'Streams, made by create_audit_stream() and ended by drop_audit_stream(). audit_streams shows those in force and where they stand.';
COMMENT ON COLUMN public.audit_stream_definitions.stream_id IS 'The stream.';
COMMENT ON COLUMN public.audit_stream_definitions.name IS 'Its name. A name may be used again when its stream was dropped.';
COMMENT ON COLUMN public.audit_stream_definitions.reader IS 'The role that reads it.';
COMMENT ON COLUMN public.audit_stream_definitions.reader_oid IS 'That role''s OID when the stream was made: a later role of the same name is not its reader.';
COMMENT ON COLUMN public.audit_stream_definitions.reader_system IS 'The server whose OID it is, as initdb named it: elsewhere the name alone counts.';
COMMENT ON COLUMN public.audit_stream_definitions.format IS 'json, ocsf, cef or ecs.';
COMMENT ON COLUMN public.audit_stream_definitions.workspace_id IS 'Only events of this workspace; NULL: of all.';
COMMENT ON COLUMN public.audit_stream_definitions.actions IS 'Only these action types; one that ends in * stands for all that begin so. NULL: all.';
COMMENT ON COLUMN public.audit_stream_definitions.imported IS 'Whether imported events are delivered too.';
COMMENT ON COLUMN public.audit_stream_definitions.created_at IS 'When it was made.';
COMMENT ON COLUMN public.audit_stream_definitions.created_by IS 'Who made it (session user).';
COMMENT ON COLUMN public.audit_stream_definitions.dropped_at IS 'When it was dropped; NULL while it is in force.';
COMMENT ON COLUMN public.audit_stream_definitions.dropped_by IS 'Who dropped it (session user).';
CREATE VIEW public.audit_streams AS
 SELECT stream.name,
    stream.reader,
    stream.format,
    stream.workspace_id,
    cursor.fetched_at AS last_fetch_at,
    cursor.acked_at AS last_ack_at,
    unread.seen_at AS oldest_unread_at,
    COALESCE((clock_timestamp() - unread.seen_at), '00:00:00'::interval) AS lag,
        CASE
            WHEN (cursor.end_incarnation IS NOT NULL) THEN 'waiting'::text
            WHEN (unread.seen_at IS NOT NULL) THEN 'behind'::text
            ELSE 'current'::text
        END AS state
   FROM ((public.audit_stream_definitions stream
     JOIN public.audit_stream_cursors cursor ON ((cursor.stream_id = stream.stream_id)))
     LEFT JOIN LATERAL ( SELECT seal.seen_at
           FROM public.audit_log_seals seal
          WHERE ((ROW(seal.incarnation, seal.root_size) > ROW(cursor.incarnation, cursor.root_place)) AND (seal.head_count > 0))
          ORDER BY seal.incarnation, seal.root_size
         LIMIT 1) unread ON (true))
  WHERE (stream.dropped_at IS NULL);
ALTER TABLE public.audit_streams OWNER TO postgres;
COMMENT ON VIEW public.audit_streams IS 'The streams in force, and how far each was read and acknowledged.';
COMMENT ON COLUMN public.audit_streams.name IS 'The stream.';
COMMENT ON COLUMN public.audit_streams.reader IS 'The role that reads it.';
COMMENT ON COLUMN public.audit_streams.format IS 'json, ocsf, cef or ecs.';
COMMENT ON COLUMN public.audit_streams.workspace_id IS 'The one workspace whose events it has; NULL: all.';
COMMENT ON COLUMN public.audit_streams.last_fetch_at IS 'When somebody fetched from it last.';
COMMENT ON COLUMN public.audit_streams.last_ack_at IS 'When a batch was acknowledged last.';
COMMENT ON COLUMN public.audit_streams.oldest_unread_at IS 'When the oldest that is not acknowledged was sealed; NULL where there is nothing.';
COMMENT ON COLUMN public.audit_streams.lag IS 'How long that has waited.';
COMMENT ON COLUMN public.audit_streams.state IS 'current: all that is sealed was read and acknowledged. behind: there is more to fetch. waiting: a batch was delivered and is not acknowledged.';
CREATE VIEW public.audit_tracked_tables AS
SELECT
    NULL::name AS table_schema,
    NULL::name AS table_name,
    NULL::text AS resource_type,
    NULL::name AS workspace_column,
    NULL::name[] AS ignored_columns,
    NULL::name[] AS masked_columns,
    NULL::timestamp with time zone AS tracked_at,
    NULL::name AS tracked_by,
    NULL::text AS capture;
ALTER TABLE public.audit_tracked_tables OWNER TO postgres;
COMMENT ON VIEW public.audit_tracked_tables IS 'The tables that audit_track_table() put under capture, with their options and whether the capture works.';
COMMENT ON COLUMN public.audit_tracked_tables.table_schema IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.table_name IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.resource_type IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.workspace_column IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.ignored_columns IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.masked_columns IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.tracked_at IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.tracked_by IS 'As in audit_tracking.';
COMMENT ON COLUMN public.audit_tracked_tables.capture IS 'active; disabled or missing when a trigger of the table, of a partition or of a child is, disabled also when one has a condition or a list of columns or is not ENABLE ALWAYS; no table when there is none of this name.';
CREATE TABLE public.audit_tracking (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    table_schema name NOT NULL,
    table_name name NOT NULL,
    resource_type text NOT NULL,
    workspace_column name,
    ignored_columns name[] DEFAULT '{}'::name[] NOT NULL,
    masked_columns name[] DEFAULT '{}'::name[] NOT NULL,
    tracked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    tracked_by name DEFAULT SESSION_USER NOT NULL,
    untracked_at timestamp with time zone,
    untracked_by name,
    CONSTRAINT check_tracked_resource_type_not_empty CHECK ((btrim(resource_type, ' 	
'::text) <> ''::text))
);
ALTER TABLE public.audit_tracking OWNER TO postgres;
COMMENT ON TABLE public.audit_tracking IS 'Tables that are or were tracked with audit_track_table(). audit_tracked_tables shows those that are, and whether their changes are captured.';
COMMENT ON COLUMN public.audit_tracking.id IS 'The tracking; the triggers name it.';
COMMENT ON COLUMN public.audit_tracking.table_schema IS 'Schema of the table; follows a rename.';
COMMENT ON COLUMN public.audit_tracking.table_name IS 'Name of the table; follows a rename.';
COMMENT ON COLUMN public.audit_tracking.resource_type IS 'resource_type of the table''s events; stays when the table is renamed.';
COMMENT ON COLUMN public.audit_tracking.workspace_column IS 'The column that tells a row''s workspace; NULL when none does.';
COMMENT ON COLUMN public.audit_tracking.ignored_columns IS 'Columns that do not appear in events.';
COMMENT ON COLUMN public.audit_tracking.masked_columns IS 'Columns of which events tell that they changed, not their values.';
COMMENT ON COLUMN public.audit_tracking.tracked_at IS 'Since when it is tracked.';
COMMENT ON COLUMN public.audit_tracking.tracked_by IS 'Who tracked it (session user).';
COMMENT ON COLUMN public.audit_tracking.untracked_at IS 'When it was untracked or dropped; NULL while in force.';
COMMENT ON COLUMN public.audit_tracking.untracked_by IS 'Who did that (session user).';
CREATE VIEW public.partition_schedule AS
 SELECT parent.name AS parent_table,
    newest.name AS newest_partition,
    ((newest.month + '1 mon'::interval))::date AS next_partition_date,
    (((((12)::numeric * (EXTRACT(year FROM newest.month) - EXTRACT(year FROM (now() AT TIME ZONE 'UTC'::text)))) + EXTRACT(month FROM newest.month)) - EXTRACT(month FROM (now() AT TIME ZONE 'UTC'::text))))::integer AS months_ahead,
    parent.default_rows AS default_partition_rows
   FROM (( SELECT 'audit_events'::text AS name,
            'public.audit_events'::regclass AS oid,
            ( SELECT count(*) AS count
                   FROM ONLY public.audit_events_default) AS default_rows
        UNION ALL
         SELECT 'audit_events_archive'::text AS name,
            'public.audit_events_archive'::regclass AS oid,
            ( SELECT count(*) AS count
                   FROM ONLY public.audit_events_archive_default) AS default_rows) parent
     LEFT JOIN LATERAL ( SELECT (child.relname)::text AS name,
            to_date("right"((child.relname)::text, 7), 'YYYY_MM'::text) AS month
           FROM (pg_inherits link
             JOIN pg_class child ON ((child.oid = link.inhrelid)))
          WHERE ((link.inhparent = (parent.oid)::oid) AND (child.relname ~ '_[0-9]{4}_[0-9]{2}$'::text))
          ORDER BY child.relname DESC
         LIMIT 1) newest ON (true));
ALTER TABLE public.partition_schedule OWNER TO postgres;
COMMENT ON VIEW public.partition_schedule IS 'Per table: the newest monthly partition, the first month without one, how many months ahead that is, and events waiting in the default partition.';
COMMENT ON COLUMN public.partition_schedule.parent_table IS 'audit_events or audit_events_archive.';
COMMENT ON COLUMN public.partition_schedule.newest_partition IS 'Name of the newest monthly partition.';
COMMENT ON COLUMN public.partition_schedule.next_partition_date IS 'First day of the first month after it (UTC).';
COMMENT ON COLUMN public.partition_schedule.months_ahead IS 'Months from the current one (UTC) to the newest partition; negative when overdue.';
COMMENT ON COLUMN public.partition_schedule.default_partition_rows IS 'Events in the default partition; create_monthly_audit_partition() moves them.';
CREATE VIEW public.vw_security_audit WITH (security_barrier='true') AS
 SELECT event.id,
    event.created_at,
    event.created_by_user_id,
    event.action_type,
    event.resource_type,
    event.resource_id,
    event.workspace_id,
    event.old_values,
    event.new_values,
    event.changed_fields,
    event.ip_address,
    event.user_agent,
    event.request_id,
    event.tags,
    event.metadata,
    event.deleted_at,
    event.deleted_by_user_id,
    event.deletion_reason
   FROM public.audit_events event
  WHERE (((event.action_type ~* '(sign(ed)?.?(in|out|up)|log(ged)?.?(in|out)|auth|password|mfa|2fa|otp|session|permission|role|member|invit|grant|revoke|access|key|token|secret|export|delet|policy|retention|hold)'::text) OR starts_with(event.action_type, 'AUDIT_'::text) OR (event.tags @> ARRAY['security'::text])) AND public.audit_may_read(event.workspace_id));
ALTER TABLE public.vw_security_audit OWNER TO postgres;
COMMENT ON VIEW public.vw_security_audit IS 'Hot events that matter for security: sign-in, permissions, roles, membership, keys, exports, deletions, policies, events of the audit trail itself, and events tagged security.';
COMMENT ON COLUMN public.vw_security_audit.id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.created_at IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.created_by_user_id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.action_type IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.resource_type IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.resource_id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.workspace_id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.old_values IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.new_values IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.changed_fields IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.ip_address IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.user_agent IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.request_id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.tags IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.metadata IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.deleted_at IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.deleted_by_user_id IS 'As in audit_events.';
COMMENT ON COLUMN public.vw_security_audit.deletion_reason IS 'As in audit_events.';
ALTER TABLE ONLY public.audit_events_archive ATTACH PARTITION public.audit_events_archive_default DEFAULT;
ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_default DEFAULT;
ALTER TABLE ONLY public.audit_access
    ADD CONSTRAINT audit_access_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_action_types
    ADD CONSTRAINT audit_action_types_pkey PRIMARY KEY (action_type);
ALTER TABLE ONLY public.audit_archive_runs
    ADD CONSTRAINT audit_archive_runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_cluster_applied
    ADD CONSTRAINT audit_cluster_applied_pkey PRIMARY KEY (ordinal);
ALTER TABLE ONLY public.audit_cold_chunks
    ADD CONSTRAINT audit_cold_chunks_pkey PRIMARY KEY (object_id, chunk);
ALTER TABLE ONLY public.audit_cold_erasures
    ADD CONSTRAINT audit_cold_erasures_pkey PRIMARY KEY (object_id, deletion_log_id);
ALTER TABLE ONLY public.audit_cold_loans
    ADD CONSTRAINT audit_cold_loans_pkey PRIMARY KEY (workspace_id, created_at, event_id);
ALTER TABLE ONLY public.audit_cold_objects
    ADD CONSTRAINT audit_cold_objects_pkey PRIMARY KEY (object_id);
ALTER TABLE ONLY public.audit_deletion_events
    ADD CONSTRAINT audit_deletion_events_pkey PRIMARY KEY (list_id, part);
ALTER TABLE ONLY public.audit_deletion_log
    ADD CONSTRAINT audit_deletion_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_deletion_months
    ADD CONSTRAINT audit_deletion_months_pkey PRIMARY KEY (deletion_log_id, month);
ALTER TABLE ONLY public.audit_deletion_requests
    ADD CONSTRAINT audit_deletion_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_deletion_scrubs
    ADD CONSTRAINT audit_deletion_scrubs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_events_archive
    ADD CONSTRAINT audit_events_archive_pkey PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id);
ALTER TABLE ONLY public.audit_events_archive_default
    ADD CONSTRAINT audit_events_archive_default_pkey PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id);
ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id);
ALTER TABLE ONLY public.audit_events_default
    ADD CONSTRAINT audit_events_default_pkey PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id);
ALTER TABLE ONLY public.audit_idempotency_keys_1
    ADD CONSTRAINT audit_idempotency_keys_1_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.audit_idempotency_keys_2
    ADD CONSTRAINT audit_idempotency_keys_2_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.audit_imports
    ADD CONSTRAINT audit_imports_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.audit_indexes
    ADD CONSTRAINT audit_indexes_pkey PRIMARY KEY (kind);
ALTER TABLE ONLY public.audit_legal_holds
    ADD CONSTRAINT audit_legal_holds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_log_incarnations
    ADD CONSTRAINT audit_log_incarnations_pkey PRIMARY KEY (incarnation);
ALTER TABLE ONLY public.audit_log_seals
    ADD CONSTRAINT audit_log_seals_pkey PRIMARY KEY (seal);
ALTER TABLE ONLY public.audit_log_signatures
    ADD CONSTRAINT audit_log_signatures_pkey PRIMARY KEY (incarnation, size, kind, name, added_at);
ALTER TABLE ONLY public.audit_log_tiles
    ADD CONSTRAINT audit_log_tiles_pkey PRIMARY KEY (log_id, level, first);
ALTER TABLE ONLY public.audit_membership_source
    ADD CONSTRAINT audit_membership_source_pkey PRIMARY KEY (singleton);
ALTER TABLE ONLY public.audit_resource_salt
    ADD CONSTRAINT audit_resource_salt_pkey PRIMARY KEY (salt);
ALTER TABLE ONLY public.audit_restored_events
    ADD CONSTRAINT audit_restored_events_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.audit_retention_policies
    ADD CONSTRAINT audit_retention_policies_pkey PRIMARY KEY (workspace_id);
ALTER TABLE ONLY public.audit_sequence_floors
    ADD CONSTRAINT audit_sequence_floors_pkey PRIMARY KEY (workspace_id);
ALTER TABLE ONLY public.audit_stream_cursors
    ADD CONSTRAINT audit_stream_cursors_pkey PRIMARY KEY (stream_id);
ALTER TABLE ONLY public.audit_stream_definitions
    ADD CONSTRAINT audit_stream_definitions_pkey PRIMARY KEY (stream_id);
ALTER TABLE ONLY public.audit_tracking
    ADD CONSTRAINT audit_tracking_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX audit_access_in_force_idx ON public.audit_access USING btree (role_name, access) WHERE (revoked_at IS NULL);
CREATE INDEX audit_archive_runs_started_at_idx ON public.audit_archive_runs USING btree (started_at);
CREATE INDEX audit_cold_erasures_carried_out_idx ON public.audit_cold_erasures USING btree (carried_out_log_id) WHERE (carried_out_log_id IS NOT NULL);
CREATE INDEX audit_cold_erasures_entry_idx ON public.audit_cold_erasures USING btree (deletion_log_id);
CREATE INDEX audit_cold_erasures_pending_idx ON public.audit_cold_erasures USING btree (object_id) WHERE (NOT is_done);
CREATE UNIQUE INDEX audit_cold_objects_live_idx ON public.audit_cold_objects USING btree (workspace_id, month) WHERE (state = ANY (ARRAY['open'::text, 'stored'::text]));
CREATE INDEX audit_cold_objects_month_idx ON public.audit_cold_objects USING btree (workspace_id, month);
CREATE UNIQUE INDEX audit_cold_objects_path_idx ON public.audit_cold_objects USING btree (store, path);
CREATE INDEX audit_cold_objects_released_idx ON public.audit_cold_objects USING btree (workspace_id, first_created_at) WHERE (state = 'released'::text);
CREATE UNIQUE INDEX audit_cold_objects_successor_idx ON public.audit_cold_objects USING btree (replaces) WHERE (state = ANY (ARRAY['open'::text, 'stored'::text, 'released'::text]));
CREATE INDEX audit_deletion_log_parent_idx ON public.audit_deletion_log USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX audit_deletion_log_workspace_idx ON public.audit_deletion_log USING btree (workspace_id, deleted_at);
CREATE INDEX audit_deletion_requests_entry_idx ON public.audit_deletion_requests USING btree (deletion_log_id) WHERE (deletion_log_id IS NOT NULL);
CREATE INDEX audit_deletion_requests_open_idx ON public.audit_deletion_requests USING btree (expires_at) WHERE (state = ANY (ARRAY['pending'::text, 'cooling_off'::text]));
CREATE INDEX audit_deletion_scrubs_entry_idx ON public.audit_deletion_scrubs USING btree (deletion_log_id);
CREATE INDEX audit_events_archive_id_idx ON ONLY public.audit_events_archive USING btree (id);
CREATE INDEX audit_events_archive_default_id_idx ON public.audit_events_archive_default USING btree (id);
CREATE INDEX audit_events_archive_seal_idx ON ONLY public.audit_events_archive USING btree (seal_xid) WHERE (seal_xid < 0);
CREATE INDEX audit_events_archive_default_seal_xid_idx ON public.audit_events_archive_default USING btree (seal_xid) WHERE (seal_xid < 0);
CREATE INDEX audit_events_archive_resource_idx ON ONLY public.audit_events_archive USING btree (workspace_id, resource_id, created_at, id) WHERE (resource_id IS NOT NULL);
CREATE INDEX audit_events_archive_default_workspace_id_resource_id_creat_idx ON public.audit_events_archive_default USING btree (workspace_id, resource_id, created_at, id) WHERE (resource_id IS NOT NULL);
CREATE INDEX audit_events_id_idx ON ONLY public.audit_events USING btree (id);
CREATE INDEX audit_events_default_id_idx ON public.audit_events_default USING btree (id);
CREATE INDEX audit_events_seal_idx ON ONLY public.audit_events USING btree (seal_xid) WHERE (seal_xid < 0);
CREATE INDEX audit_events_default_seal_xid_idx ON public.audit_events_default USING btree (seal_xid) WHERE (seal_xid < 0);
CREATE INDEX audit_events_resource_idx ON ONLY public.audit_events USING btree (workspace_id, resource_id, created_at, id) WHERE (resource_id IS NOT NULL);
CREATE INDEX audit_events_default_workspace_id_resource_id_created_at_id_idx ON public.audit_events_default USING btree (workspace_id, resource_id, created_at, id) WHERE (resource_id IS NOT NULL);
CREATE INDEX audit_legal_holds_in_force_idx ON public.audit_legal_holds USING btree (workspace_id);
CREATE INDEX audit_log_seals_size_idx ON public.audit_log_seals USING btree (incarnation, root_size);
CREATE INDEX audit_restored_events_created_at_idx ON public.audit_restored_events USING btree (created_at);
CREATE UNIQUE INDEX audit_stream_definitions_in_force_idx ON public.audit_stream_definitions USING btree (name) WHERE (dropped_at IS NULL);
CREATE UNIQUE INDEX audit_tracking_in_force_idx ON public.audit_tracking USING btree (table_schema, table_name) WHERE (untracked_at IS NULL);
ALTER INDEX public.audit_events_archive_id_idx ATTACH PARTITION public.audit_events_archive_default_id_idx;
ALTER INDEX public.audit_events_archive_pkey ATTACH PARTITION public.audit_events_archive_default_pkey;
ALTER INDEX public.audit_events_archive_seal_idx ATTACH PARTITION public.audit_events_archive_default_seal_xid_idx;
ALTER INDEX public.audit_events_archive_resource_idx ATTACH PARTITION public.audit_events_archive_default_workspace_id_resource_id_creat_idx;
ALTER INDEX public.audit_events_id_idx ATTACH PARTITION public.audit_events_default_id_idx;
ALTER INDEX public.audit_events_pkey ATTACH PARTITION public.audit_events_default_pkey;
ALTER INDEX public.audit_events_seal_idx ATTACH PARTITION public.audit_events_default_seal_xid_idx;
ALTER INDEX public.audit_events_resource_idx ATTACH PARTITION public.audit_events_default_workspace_id_resource_id_created_at_id_idx;
CREATE OR REPLACE VIEW public.audit_tracked_tables AS
 WITH RECURSIVE member AS (
         SELECT tracking_1.id,
            class.oid
           FROM ((public.audit_tracking tracking_1
             JOIN pg_namespace schema ON ((schema.nspname = tracking_1.table_schema)))
             JOIN pg_class class ON (((class.relnamespace = schema.oid) AND (class.relname = tracking_1.table_name) AND (class.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])))))
          WHERE (tracking_1.untracked_at IS NULL)
        UNION
         SELECT parent.id,
            link.inhrelid
           FROM (member parent
             JOIN pg_inherits link ON ((link.inhparent = parent.oid)))
        ), capture AS (
         SELECT trigger.tgrelid,
            ((trigger.tgtype)::integer & 60) AS events,
            ((trigger.tgenabled = 'A'::"char") AND (trigger.tgqual IS NULL) AND ((trigger.tgattr)::text = ''::text)) AS enabled
           FROM (pg_trigger trigger
             JOIN pg_proc function ON ((function.oid = trigger.tgfoid)))
          WHERE ((function.proname = 'audit_capture_changes'::name) AND (function.pronamespace = ('public'::regnamespace)::oid))
        ), coverage AS (
         SELECT member.id,
            member.oid,
            COALESCE(bit_or(capture.events), 0) AS present,
            COALESCE(bit_or(capture.events) FILTER (WHERE capture.enabled), 0) AS enabled
           FROM (member
             LEFT JOIN capture ON ((capture.tgrelid = member.oid)))
          GROUP BY member.id, member.oid
        )
 SELECT tracking.table_schema,
    tracking.table_name,
    tracking.resource_type,
    tracking.workspace_column,
    tracking.ignored_columns,
    tracking.masked_columns,
    tracking.tracked_at,
    tracking.tracked_by,
        CASE
            WHEN (count(coverage.oid) = 0) THEN 'no table'::text
            WHEN bool_or((coverage.present <> 60)) THEN 'missing'::text
            WHEN bool_or((coverage.enabled <> 60)) THEN 'disabled'::text
            ELSE 'active'::text
        END AS capture
   FROM (public.audit_tracking tracking
     LEFT JOIN coverage ON ((coverage.id = tracking.id)))
  WHERE (tracking.untracked_at IS NULL)
  GROUP BY tracking.id;
CREATE TRIGGER audit_archive_runs_guard BEFORE DELETE OR UPDATE ON public.audit_archive_runs FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('archive_old_audit_events()');
ALTER TABLE public.audit_archive_runs ENABLE ALWAYS TRIGGER audit_archive_runs_guard;
CREATE TRIGGER audit_archive_runs_insert_guard BEFORE INSERT ON public.audit_archive_runs FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('archive_old_audit_events()');
CREATE TRIGGER audit_archive_runs_truncate_guard BEFORE TRUNCATE ON public.audit_archive_runs FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('archive_old_audit_events()');
ALTER TABLE public.audit_archive_runs ENABLE ALWAYS TRIGGER audit_archive_runs_truncate_guard;
CREATE TRIGGER audit_cluster_applied_insert_guard BEFORE INSERT ON public.audit_cluster_applied FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('the log of the cluster');
CREATE TRIGGER audit_cold_chunks_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_cold_chunks FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('store_audit_cold_object(), erase_audit_cold_chunk() or adopt_audit_cold_object()');
ALTER TABLE public.audit_cold_chunks ENABLE ALWAYS TRIGGER audit_cold_chunks_guard;
CREATE TRIGGER audit_cold_chunks_insert_guard BEFORE INSERT ON public.audit_cold_chunks FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('store_audit_cold_object(), erase_audit_cold_chunk() or adopt_audit_cold_object()');
CREATE TRIGGER audit_cold_erasures_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_cold_erasures FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant() or replace_audit_cold_object()');
ALTER TABLE public.audit_cold_erasures ENABLE ALWAYS TRIGGER audit_cold_erasures_guard;
CREATE TRIGGER audit_cold_erasures_insert_guard BEFORE INSERT ON public.audit_cold_erasures FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant() or replace_audit_cold_object()');
CREATE TRIGGER audit_cold_loans_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_cold_loans FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('restore_audit_cold_events() or return_audit_cold_loans()');
ALTER TABLE public.audit_cold_loans ENABLE ALWAYS TRIGGER audit_cold_loans_guard;
CREATE TRIGGER audit_cold_loans_insert_guard BEFORE INSERT ON public.audit_cold_loans FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('restore_audit_cold_events() or return_audit_cold_loans()');
CREATE TRIGGER audit_cold_objects_guard BEFORE DELETE OR UPDATE ON public.audit_cold_objects FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('store_audit_cold_object(), release_audit_cold_object(), replace_audit_cold_object(), discard_audit_cold_object() or confirm_audit_cold_removed()');
ALTER TABLE public.audit_cold_objects ENABLE ALWAYS TRIGGER audit_cold_objects_guard;
CREATE TRIGGER audit_cold_objects_insert_guard BEFORE INSERT ON public.audit_cold_objects FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('begin_audit_cold_object() or adopt_audit_cold_object()');
CREATE TRIGGER audit_cold_objects_step BEFORE UPDATE ON public.audit_cold_objects FOR EACH ROW EXECUTE FUNCTION public.audit_cold_object_step();
ALTER TABLE public.audit_cold_objects ENABLE ALWAYS TRIGGER audit_cold_objects_step;
CREATE TRIGGER audit_cold_objects_truncate_guard BEFORE TRUNCATE ON public.audit_cold_objects FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('store_audit_cold_object(), release_audit_cold_object(), replace_audit_cold_object(), discard_audit_cold_object() or confirm_audit_cold_removed()');
ALTER TABLE public.audit_cold_objects ENABLE ALWAYS TRIGGER audit_cold_objects_truncate_guard;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_access FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_access ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_action_types FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_action_types ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_deletion_requests FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_deletion_requests ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_indexes FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_indexes ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_legal_holds FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_legal_holds ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_membership_source FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_membership_source ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_retention_policies FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_retention_policies ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_sequence_floors FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_sequence_floors ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_stream_definitions FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_stream_definitions ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON public.audit_tracking FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_changed();
ALTER TABLE public.audit_tracking ENABLE ALWAYS TRIGGER audit_configuration_changed;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_access FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_access ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_action_types FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_action_types ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_deletion_requests FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_deletion_requests ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_indexes FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_indexes ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_legal_holds FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_legal_holds ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_membership_source FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_membership_source ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_retention_policies FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_retention_policies ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_sequence_floors FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_sequence_floors ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_stream_definitions FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_stream_definitions ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_guard BEFORE DELETE ON public.audit_tracking FOR EACH ROW EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_tracking ENABLE ALWAYS TRIGGER audit_configuration_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_access FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_access ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_action_types FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_action_types ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_deletion_requests FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_deletion_requests ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_indexes FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_indexes ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_legal_holds FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_legal_holds ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_membership_source FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_membership_source ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_retention_policies FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_retention_policies ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_sequence_floors FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_sequence_floors ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_stream_definitions FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_stream_definitions ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON public.audit_tracking FOR EACH STATEMENT EXECUTE FUNCTION public.audit_configuration_guard();
ALTER TABLE public.audit_tracking ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
CREATE TRIGGER audit_deletion_events_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_deletion_events FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant(), purge_expired_audit_events() or audit_adopt_events()');
ALTER TABLE public.audit_deletion_events ENABLE ALWAYS TRIGGER audit_deletion_events_guard;
CREATE TRIGGER audit_deletion_events_insert_guard BEFORE INSERT ON public.audit_deletion_events FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant(), purge_expired_audit_events() or audit_adopt_events()');
CREATE TRIGGER audit_deletion_log_guard BEFORE DELETE OR UPDATE ON public.audit_cluster_applied FOR EACH ROW EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_cluster_applied ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
CREATE TRIGGER audit_deletion_log_guard BEFORE DELETE OR UPDATE ON public.audit_deletion_log FOR EACH ROW EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
CREATE TRIGGER audit_deletion_log_guard BEFORE DELETE OR UPDATE ON public.audit_deletion_months FOR EACH ROW EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_months ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
CREATE TRIGGER audit_deletion_log_guard BEFORE DELETE OR UPDATE ON public.audit_deletion_scrubs FOR EACH ROW EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_scrubs ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
CREATE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON public.audit_deletion_log FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant(), purge_expired_audit_events() or the retention jobs');
CREATE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON public.audit_deletion_months FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('delete_user_audit_events_compliant() or purge_expired_audit_events()');
CREATE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON public.audit_deletion_scrubs FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('audit_scrub()');
CREATE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON public.audit_cluster_applied FOR EACH STATEMENT EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_cluster_applied ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;
CREATE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON public.audit_deletion_log FOR EACH STATEMENT EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;
CREATE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON public.audit_deletion_months FOR EACH STATEMENT EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_months ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;
CREATE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON public.audit_deletion_scrubs FOR EACH STATEMENT EXECUTE FUNCTION public.audit_deletion_log_guard();
ALTER TABLE public.audit_deletion_scrubs ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;
CREATE TRIGGER audit_event_sequence_insert INSTEAD OF INSERT ON public.audit_event_sequence FOR EACH ROW EXECUTE FUNCTION public.audit_event_sequence_insert();
CREATE TRIGGER audit_events_before_insert BEFORE INSERT ON public.audit_events FOR EACH ROW EXECUTE FUNCTION public.audit_events_before_insert();
CREATE TRIGGER audit_events_before_insert BEFORE INSERT ON public.audit_events_archive FOR EACH ROW EXECUTE FUNCTION public.audit_events_archive_before_insert();
CREATE TRIGGER audit_events_guard BEFORE DELETE OR UPDATE ON public.audit_events FOR EACH ROW EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events ENABLE ALWAYS TRIGGER audit_events_guard;
CREATE TRIGGER audit_events_guard BEFORE DELETE OR UPDATE ON public.audit_events_archive FOR EACH ROW EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_guard;
CREATE TRIGGER audit_events_restore_begin BEFORE DELETE ON public.audit_events_archive FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_restore();
ALTER TABLE public.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_restore_begin;
CREATE TRIGGER audit_events_restore_end AFTER DELETE ON public.audit_events_archive FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_restore();
ALTER TABLE public.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_restore_end;
CREATE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
CREATE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON public.audit_events_archive FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
CREATE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON public.audit_events_archive_default FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events_archive_default ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
CREATE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON public.audit_events_default FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_guard();
ALTER TABLE public.audit_events_default ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
CREATE TRIGGER audit_holds_insert_guard BEFORE INSERT ON public.audit_legal_holds FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('place_audit_hold()');
CREATE TRIGGER audit_holds_update_guard BEFORE UPDATE ON public.audit_legal_holds FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('release_audit_hold()');
ALTER TABLE public.audit_legal_holds ENABLE ALWAYS TRIGGER audit_holds_update_guard;
CREATE TRIGGER audit_idempotency_keys_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_idempotency_keys_1 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('insert_audit_event() or insert_audit_events(); audit_seal() and the daily jobs forget keys');
ALTER TABLE public.audit_idempotency_keys_1 ENABLE ALWAYS TRIGGER audit_idempotency_keys_guard;
CREATE TRIGGER audit_idempotency_keys_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_idempotency_keys_2 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('insert_audit_event() or insert_audit_events(); audit_seal() and the daily jobs forget keys');
ALTER TABLE public.audit_idempotency_keys_2 ENABLE ALWAYS TRIGGER audit_idempotency_keys_guard;
CREATE TRIGGER audit_idempotency_keys_insert_guard BEFORE INSERT ON public.audit_idempotency_keys_1 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('insert_audit_event() or insert_audit_events(); audit_seal() and the daily jobs forget keys');
CREATE TRIGGER audit_idempotency_keys_insert_guard BEFORE INSERT ON public.audit_idempotency_keys_2 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('insert_audit_event() or insert_audit_events(); audit_seal() and the daily jobs forget keys');
CREATE TRIGGER audit_imports_guard BEFORE DELETE OR UPDATE ON public.audit_imports FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('import_audit_events()');
ALTER TABLE public.audit_imports ENABLE ALWAYS TRIGGER audit_imports_guard;
CREATE TRIGGER audit_imports_insert_guard BEFORE INSERT ON public.audit_imports FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('import_audit_events()');
CREATE TRIGGER audit_imports_truncate_guard BEFORE TRUNCATE ON public.audit_imports FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('import_audit_events()');
ALTER TABLE public.audit_imports ENABLE ALWAYS TRIGGER audit_imports_truncate_guard;
CREATE TRIGGER audit_log_incarnations_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log_incarnations FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal() or audit_begin_incarnation()');
ALTER TABLE public.audit_log_incarnations ENABLE ALWAYS TRIGGER audit_log_incarnations_guard;
CREATE TRIGGER audit_log_incarnations_insert_guard BEFORE INSERT ON public.audit_log_incarnations FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal() or audit_begin_incarnation()');
CREATE TRIGGER audit_log_seals_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log_seals FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal()');
ALTER TABLE public.audit_log_seals ENABLE ALWAYS TRIGGER audit_log_seals_guard;
CREATE TRIGGER audit_log_seals_insert_guard BEFORE INSERT ON public.audit_log_seals FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal()');
CREATE TRIGGER audit_log_signatures_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log_signatures FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_add_signatures() or audit_add_timestamp()');
ALTER TABLE public.audit_log_signatures ENABLE ALWAYS TRIGGER audit_log_signatures_guard;
CREATE TRIGGER audit_log_signatures_insert_guard BEFORE INSERT ON public.audit_log_signatures FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_add_signatures() or audit_add_timestamp()');
CREATE TRIGGER audit_log_tiles_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log_tiles FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal()');
ALTER TABLE public.audit_log_tiles ENABLE ALWAYS TRIGGER audit_log_tiles_guard;
CREATE TRIGGER audit_log_tiles_insert_guard BEFORE INSERT ON public.audit_log_tiles FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_seal()');
CREATE TRIGGER audit_policy_before_insert BEFORE INSERT ON public.audit_retention_policies FOR EACH ROW EXECUTE FUNCTION public.audit_policy_before_update();
CREATE TRIGGER audit_policy_before_update BEFORE UPDATE ON public.audit_retention_policies FOR EACH ROW EXECUTE FUNCTION public.audit_policy_before_update();
ALTER TABLE public.audit_retention_policies ENABLE ALWAYS TRIGGER audit_policy_before_update;
CREATE TRIGGER audit_requests_insert_guard BEFORE INSERT ON public.audit_deletion_requests FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('request_audit_deletion(), request_audit_person_deletion(), request_audit_purge(), request_audit_cold_release() or request_audit_offboarding()');
CREATE TRIGGER audit_requests_update_guard BEFORE UPDATE ON public.audit_deletion_requests FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('approve_audit_deletion(), execute_audit_deletion() or reject_audit_deletion()');
ALTER TABLE public.audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard;
CREATE TRIGGER audit_restored_events_guard BEFORE DELETE OR UPDATE ON public.audit_restored_events FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('restore_audit_events()');
ALTER TABLE public.audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard;
CREATE TRIGGER audit_restored_events_insert_guard BEFORE INSERT ON public.audit_restored_events FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('restore_audit_events()');
CREATE TRIGGER audit_restored_events_truncate_guard BEFORE TRUNCATE ON public.audit_restored_events FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('restore_audit_events()');
ALTER TABLE public.audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_truncate_guard;
CREATE TRIGGER audit_salt_guard BEFORE DELETE OR UPDATE ON public.audit_resource_salt FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('audit_setup(): it draws the salt once');
ALTER TABLE public.audit_resource_salt ENABLE ALWAYS TRIGGER audit_salt_guard;
CREATE TRIGGER audit_salt_insert_guard BEFORE INSERT ON public.audit_resource_salt FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('audit_setup(): it draws the salt once');
CREATE TRIGGER audit_salt_truncate_guard BEFORE TRUNCATE ON public.audit_resource_salt FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('audit_setup(): it draws the salt once');
ALTER TABLE public.audit_resource_salt ENABLE ALWAYS TRIGGER audit_salt_truncate_guard;
CREATE TRIGGER audit_stream_cursors_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_stream_cursors FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('create_audit_stream(), fetch_audit_stream(), ack_audit_stream(), resume_audit_stream() or drop_audit_stream()');
ALTER TABLE public.audit_stream_cursors ENABLE ALWAYS TRIGGER audit_stream_cursors_guard;
CREATE TRIGGER audit_stream_cursors_insert_guard BEFORE INSERT ON public.audit_stream_cursors FOR EACH STATEMENT EXECUTE FUNCTION public.audit_functions_only_guard('create_audit_stream(), fetch_audit_stream(), ack_audit_stream(), resume_audit_stream() or drop_audit_stream()');
CREATE TRIGGER audit_stream_definitions_insert_guard BEFORE INSERT ON public.audit_stream_definitions FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('create_audit_stream()');
CREATE TRIGGER audit_stream_definitions_update_guard BEFORE UPDATE ON public.audit_stream_definitions FOR EACH ROW EXECUTE FUNCTION public.audit_functions_only_guard('drop_audit_stream()');
ALTER TABLE public.audit_stream_definitions ENABLE ALWAYS TRIGGER audit_stream_definitions_update_guard;
CREATE TRIGGER check_audit_workspace_membership BEFORE INSERT ON public.audit_events FOR EACH ROW EXECUTE FUNCTION public.check_audit_workspace_membership();
CREATE EVENT TRIGGER audit_capture_altered ON ddl_command_end
   EXECUTE FUNCTION public.audit_capture_altered();
ALTER EVENT TRIGGER audit_capture_altered ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_capture_altered OWNER TO postgres;
COMMENT ON EVENT TRIGGER audit_capture_altered IS 'Records what is done to tracked tables and follows it.';
CREATE EVENT TRIGGER audit_capture_dropped ON sql_drop
   EXECUTE FUNCTION public.audit_capture_dropped();
ALTER EVENT TRIGGER audit_capture_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_capture_dropped OWNER TO postgres;
COMMENT ON EVENT TRIGGER audit_capture_dropped IS 'Records that tracked tables or their triggers are dropped.';
CREATE EVENT TRIGGER audit_ddl_command_end ON ddl_command_end
   EXECUTE FUNCTION public.audit_ddl_command_end();
ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_ddl_command_end OWNER TO postgres;
COMMENT ON EVENT TRIGGER audit_ddl_command_end IS 'Judges DDL on the audit trail again by what it touched, and records what was allowed.';
CREATE EVENT TRIGGER audit_ddl_command_start ON ddl_command_start
   EXECUTE FUNCTION public.audit_ddl_command_start();
ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_ddl_command_start OWNER TO postgres;
COMMENT ON EVENT TRIGGER audit_ddl_command_start IS 'Refuses DDL on the audit trail.';
CREATE EVENT TRIGGER audit_sql_drop ON sql_drop
   EXECUTE FUNCTION public.audit_sql_drop();
ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_sql_drop OWNER TO postgres;
COMMENT ON EVENT TRIGGER audit_sql_drop IS 'Refuses to drop a part of the audit trail.';
