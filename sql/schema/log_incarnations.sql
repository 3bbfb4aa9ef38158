-- =====================================================================================================================
-- The servers that sealed this trail, one after another. A copy of the database is another server, with a root log of its own.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_log_incarnations (
  incarnation        integer      PRIMARY KEY,
  root_log_id        uuid         NOT NULL,
  origin             text         NOT NULL,
  system_identifier  text         NOT NULL,
  timeline           bigint       NOT NULL,
  database_oid       bigint       NOT NULL,
  reason             text         NOT NULL,
  began_at           timestamptz  NOT NULL DEFAULT clock_timestamp(),
  began_by           text         NOT NULL
);
COMMENT ON TABLE @extschema@.audit_log_incarnations IS 'The incarnations of the trail''s logs. A restored dump, a copied database, a promoted standby begin one at their first seal: transaction numbers of the former server mean nothing there. Workspaces'' logs go on; the root log is a new one.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.incarnation IS 'Numbered from 1.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.root_log_id IS 'Its root log in audit_log_tiles.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.origin IS 'The first line of its checkpoints: audit_ext.log_origin, a slash, root_log_id.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.system_identifier IS 'The server it is of, as initdb named it.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.timeline IS 'The timeline of its write-ahead log, which a promotion changes.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.database_oid IS 'The database, which a copy by CREATE DATABASE ... TEMPLATE changes.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.reason IS 'Why it began.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.began_at IS 'When it began.';
COMMENT ON COLUMN @extschema@.audit_log_incarnations.began_by IS 'The session user whose seal began it.';
