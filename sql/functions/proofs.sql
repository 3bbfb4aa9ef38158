-- =====================================================================================================================
-- What gives evidence away: checkpoints, proofs, receipts, exports. All of it only reads, so it works on a standby. Definer's rights with a pinned
-- search_path.
-- =====================================================================================================================
CREATE FUNCTION audit_checkpoint(p_size bigint DEFAULT NULL, p_origin text DEFAULT NULL) RETURNS text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_checkpoint';
COMMENT ON FUNCTION audit_checkpoint(bigint, text) IS
'Returns a checkpoint, the head of the root log over the logs of all workspaces, as a signed note (C2SP tlog-checkpoint) with all signatures that were added. Keep it outside the database''s host: everything sealed until then can be checked against it for ever.
p_size: of that size; NULL for the newest.
p_origin: of an earlier server of this trail (audit_log_incarnations); NULL for the present one.
Errors: 22023 when nothing has been sealed yet, for a size that no seal made and for an unknown origin.';

CREATE FUNCTION audit_consistency_proof(
  p_old_size bigint,
  p_new_size bigint DEFAULT NULL,
  p_origin text DEFAULT NULL
) RETURNS text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_consistency_proof';
COMMENT ON FUNCTION audit_consistency_proof(bigint, bigint, text) IS
'Returns what a signer (audit-verify sign) or a witness (C2SP tlog-witness, add-checkpoint) is asked: a checkpoint, and the proof that the log only grew since p_old_size, the size they signed last.
p_new_size: the size of the checkpoint; NULL for the newest.
p_origin: as for audit_checkpoint().
Errors: 22023 for a size that the log has not reached, and as audit_checkpoint().';

CREATE FUNCTION audit_add_signatures(p_note text) RETURNS integer
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_add_signatures';
COMMENT ON FUNCTION audit_add_signatures(text) IS
'Keeps the signatures of a checkpoint, of the log''s own key and of witnesses, so that checkpoints, receipts and exports show them. Returns how many of them are new. They are not verified here: the keys are with whoever verifies.
p_note: the checkpoint with its signature lines, as the signer printed it; a witness''s answer stands below the checkpoint it was given.
Errors: 22023 for what is no signed note, and for one whose text is none of this trail''s checkpoints.';

CREATE FUNCTION audit_add_timestamp(p_size bigint, p_token bytea, p_origin text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_add_timestamp';
COMMENT ON FUNCTION audit_add_timestamp(bigint, bytea, text) IS
'Keeps a timestamp of a checkpoint, so that exports show it. It is not verified here; audit-verify prints the command that does.
p_size: of the checkpoint; NULL for the newest.
p_token: what the authority answered (RFC 3161) to openssl ts -query over the checkpoint without signatures.
p_origin: as for audit_checkpoint().
Errors: 22023 for what is no such answer, and as audit_checkpoint().';

CREATE FUNCTION audit_event_proof(p_event_id uuid, p_fields text[] DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_event_proof';
COMMENT ON FUNCTION audit_event_proof(uuid, text[]) IS
'Returns a receipt: the event, hot or archived, and the hashes that lead from it to a checkpoint. audit-verify checks it without the database. It goes to the newest signed checkpoint that covers the event, and if none does to the newest.
p_fields: the columns to show, NULL for all, {} for none; of the others nothing can be learned from the receipt. The columns id and workspace_id are always shown. A column that is not shown cannot be told from one that is NULL.
Of an erased event the columns that remain are shown. A gateway gets receipts of its user''s workspaces only.
Errors: 22023 for an event that is not there or not sealed yet, and for an unknown column; 42501 for a gateway without a user.';

CREATE FUNCTION audit_export_log(
  p_workspace_id uuid DEFAULT NULL,
  p_first bigint DEFAULT 0,
  p_since_size bigint DEFAULT NULL,
  p_fields text[] DEFAULT NULL
) RETURNS SETOF text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000
AS 'MODULE_PATHNAME', 'audit_ext_export_log';
COMMENT ON FUNCTION audit_export_log(uuid, bigint, bigint, text[]) IS
'Returns the log of a workspace as lines of JSON, for audit-verify or another verifier: its sealed events, hot and archived, what was deleted of them and by which deletion, and the heads of the log with their proofs under checkpoints. Write it to a file: COPY (SELECT audit_export_log(''...'')) TO STDOUT would double backslashes, psql -Atc writes it as it is. In the select list it takes no memory for lines that were read; in FROM, PostgreSQL keeps them until the last.
p_workspace_id: NULL for the root log, the heads of all workspaces, which takes the access level operator or compliance.
p_first: the place of the log from which on events are shown.
p_since_size: the size of a checkpoint that the reader kept; the proof that the log only grew since is added.
p_fields: the columns to show, NULL for all; of the others only digests are shown. The columns id and workspace_id are always shown.
A gateway exports only its user''s workspaces, and gets no line of another.
Errors: 22023 for a workspace of which nothing is sealed, a place or size that the log has not reached, and an unknown column; 42501 for a gateway without a user, and for the root log.';

CREATE FUNCTION audit_log_files(
  p_workspace_id uuid DEFAULT NULL,
  p_from_size bigint DEFAULT 0,
  p_origin text DEFAULT NULL
) RETURNS TABLE (path text, content bytea)
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000
AS 'MODULE_PATHNAME', 'audit_ext_log_files';
COMMENT ON FUNCTION audit_log_files(uuid, bigint, text) IS
'Returns the log as files to publish: tiles of hashes (C2SP tlog-tiles), which name nobody. Of the root log also its checkpoint, and its entries, which name the workspaces and how many events they have: for auditors only. Of a workspace its hash tiles and the file head, its head with the path to the checkpoint.
p_workspace_id: NULL for the root log.
p_from_size: the size of the log that was published last; files that are complete by then are left out.
p_origin: of the root log of an earlier server; NULL for the present one.
Errors: 22023 when nothing is sealed, for a size that the log has not reached and for an unknown origin; 42501 for a gateway without a user.';
