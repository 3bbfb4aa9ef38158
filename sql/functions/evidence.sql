-- =====================================================================================================================
-- Tamper evidence: sealing and verification. Definer's rights with a pinned search_path.
-- =====================================================================================================================
CREATE FUNCTION audit_seal(
  OUT sealed_count bigint,
  OUT head_count bigint,
  OUT checkpoint text,
  OUT is_behind boolean
) RETURNS record
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_seal';
COMMENT ON FUNCTION audit_seal() IS
'Seals the events that were committed since the last seal: each becomes a leaf of its workspace''s log, and the heads of those logs become leaves of the root log. Returns how many events and heads; the newest checkpoint (its text, unsigned), to be published after the commit; and whether there is more, so that it should be called again at once. Nothing is written where nothing is new. No writer waits for it; events of transactions that are still open, its own among them, are for a later seal.
Errors: P0001 above READ COMMITTED and when another seal does not end within ten seconds; 0A000 where the database is not encoded in UTF8, where a subscription feeds audit_events, and before audit_setup() has made its indexes; 22023 when audit_ext.log_origin cannot be an origin; 58000 when a log is damaged.';

-- Invoker's rights and no SET, which would forbid COMMIT: the procedure acts as the owner and pins the search_path by itself.
CREATE PROCEDURE audit_keep_sealing(p_interval interval DEFAULT '1 second')
LANGUAGE c
AS 'MODULE_PATHNAME', 'audit_ext_keep_sealing';
COMMENT ON PROCEDURE audit_keep_sealing(interval) IS
'Seals again and again, with a commit each, until its client goes or cancels it: for a service that does nothing else. It needs no scheduler and no preloaded library.
p_interval: the pause between two seals.
Errors: 22023 for NULL and a negative interval; 2D000 within a transaction block or a function; those of audit_seal().';

CREATE FUNCTION audit_await_seal(p_event_id uuid, p_timeout interval DEFAULT '15 seconds') RETURNS boolean
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_await_seal';
COMMENT ON FUNCTION audit_await_seal(uuid, interval) IS
'Waits until an event is sealed, and tells whether it is. It seals nothing itself.
p_timeout: how long it waits at most; 0 looks once.
Errors: 22023 for NULL, a negative interval, an event that is not there or of a workspace that the caller''s user may not read, and one of the caller''s own open transaction.';

CREATE FUNCTION audit_begin_incarnation(p_reason text) RETURNS integer
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_begin_incarnation';
COMMENT ON FUNCTION audit_begin_incarnation(text) IS
'Begins an incarnation of the log, with a root log and an origin of its own, and returns its number. audit_seal() does so by itself on another server, timeline or database. By hand it is for a copy of the server''s files that was not recovered, which nothing tells from the original: call it in the copy before the first seal. Recorded as AUDIT_LOG_INCARNATION_BEGAN. For the owner of the extension.
Errors: 22023 for an empty reason, and when audit_ext.log_origin cannot be an origin; P0001 when a seal does not end within ten seconds.';

CREATE FUNCTION audit_verify(
  p_workspace_id uuid DEFAULT NULL,
  p_checkpoints text[] DEFAULT NULL,
  p_keys text[] DEFAULT NULL,
  p_depth text DEFAULT 'rows'
) RETURNS TABLE (severity text, code text, workspace_id uuid, leaf_index bigint, event_id uuid, detail text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_verify';
COMMENT ON FUNCTION audit_verify(uuid, text[], text[], text) IS
'Compares the trail with what was sealed, and returns a row for each finding; no row: it is sound. Without checkpoints that were kept outside it shows that the trail fits its own logs.
p_workspace_id: of one workspace; NULL for all. An event that was moved to another workspace is then missing; of all workspaces, it is found.
p_checkpoints: checkpoints that were kept outside the server, and heads of workspaces: the trail must continue them.
p_keys: public keys of the log and of witnesses, as audit-verify keygen prints them: each must have signed the newest signed checkpoint.
p_depth: rows compares all events, tiles all logs, heads the root log and the end of each log.
It reads under one snapshot and sorts on disk. It records AUDIT_LOG_VERIFIED, but on a standby.
Errors: 22023 for an unknown depth and for texts that are no checkpoints or keys; 25006 in a read-only transaction.';

-- Invoker's rights and no SET, which would forbid COMMIT: the procedure acts as the owner and pins the search_path by itself.
CREATE PROCEDURE audit_adopt_events()
LANGUAGE c
AS 'MODULE_PATHNAME', 'audit_ext_adopt_events';
COMMENT ON PROCEDURE audit_adopt_events() IS
'Makes events that no seal can take ready for the next one, with a commit about every 10000 of them: those that came without seal_key or seal_xid (under replica role, or by a restore of data alone), and those that the last seal should hold and the logs lack. Each workspace gets an entry in the deletion log, with the list of the events that were erased before, and an event AUDIT_EVENTS_ADOPTED. For the owner of the extension. If it is interrupted, what was committed stays and the next call carries on.
Errors: 2D000 within a transaction block or a function; P0001 when an archive run or restore is left open for more than ten seconds.';
