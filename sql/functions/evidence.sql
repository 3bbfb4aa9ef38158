-- =====================================================================================================================
-- Tamper evidence: sealing, checkpoints, proofs and their verification. Definer's rights with a pinned search_path.
-- =====================================================================================================================

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
