-- =====================================================================================================================
-- The logs: a Merkle tree for each workspace, and a root log over their heads for each incarnation. Stored in tiles of 256 hashes (C2SP
-- tlog-tiles). The last row of level 0 of a log is its head. A row that is not full is replaced by a longer one that begins with it.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_log_tiles (
  log_id       uuid      NOT NULL,
  level        smallint  NOT NULL,
  first        bigint    NOT NULL,
  hashes       bytea     NOT NULL,
  refs         bytea,
  frontier     bytea,
  head_index   bigint,
  incarnation  integer,
  PRIMARY KEY (log_id, level, first),
  -- A row never reaches into the next tile.
  CONSTRAINT check_hashes_within_tile CHECK (first >= 0 AND octet_length(hashes) % 32 = 0
    AND octet_length(hashes) BETWEEN 32 AND 32 * (256 - first % 256)),
  -- Leaves stand for something and end with a head; the roots above them do not.
  CONSTRAINT check_leaves_have_refs CHECK ((level = 0) = (refs IS NOT NULL) AND (level = 0) = (frontier IS NOT NULL))
);
-- Hashes do not compress.
ALTER TABLE @extschema@.audit_log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE @extschema@.audit_log_tiles ALTER COLUMN refs SET STORAGE EXTERNAL;
ALTER TABLE @extschema@.audit_log_tiles ALTER COLUMN frontier SET STORAGE EXTERNAL;
COMMENT ON TABLE @extschema@.audit_log_tiles IS 'Merkle trees over the events of each workspace (log_id is the workspace) and over the heads of those trees (the root log). audit_seal() appends; a row is replaced only by a longer one that begins with it.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.log_id IS 'The workspace, or root_log_id of audit_log_incarnations.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.level IS '0: leaf hashes. k: roots of full tiles of level k - 1.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.first IS 'The place of the first hash among those of its level, counted from 0.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.hashes IS 'Neighbouring SHA-256 hashes, 32 bytes each.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.refs IS 'What each leaf stands for: the id of an event (16 bytes), in a root log a workspace, the size of its log, and the size at its head before (16, 8 and 8 bytes).';
COMMENT ON COLUMN @extschema@.audit_log_tiles.frontier IS 'Roots of the perfect subtrees of the log up to the end of this row, the largest first.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.head_index IS 'The place, in the root log, of the head that this row ended with; NULL in a root log, and where the seal went on behind this row.';
COMMENT ON COLUMN @extschema@.audit_log_tiles.incarnation IS 'The incarnation whose root log has that head.';
