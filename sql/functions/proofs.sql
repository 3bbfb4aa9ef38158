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
