-- =====================================================================================================================
-- Importing the history of other trails.
-- =====================================================================================================================
-- Invoker's rights and no SET, which would forbid COMMIT: the source is read with the caller's rights, and the procedure stores as the owner.
CREATE PROCEDURE import_audit_events(p_source regclass, p_name text, p_mapping jsonb DEFAULT '{}', p_batch integer DEFAULT 50000)
LANGUAGE c
AS 'MODULE_PATHNAME', 'audit_ext_import_events';
COMMENT ON PROCEDURE import_audit_events(regclass, text, jsonb, integer) IS
'Imports the events of another trail, oldest first, with a commit a batch. Their ids are UUIDs of version 8, which mark them as imported for good. Called again with the same name and source, it skips what it imported before, also what was purged since or is in cold storage. It makes the months of the source first. For the owner of the extension; no access level gives it. docs/importing.md has views over common trails.
p_source: a table or view with columns of audit_events, with created_at, and with source_id, a text that names the row. It is read with the caller''s rights: functions that a view calls run with them too. None of them may depend on search_path: give them one of their own, with SET.
p_name: the import, 1 to 200 characters. The ids of its events are made of it, of source_id and of created_at.
p_mapping: where columns come from that are not in the source under their names: {"action_type": "op"} or {"action_type": {"column": "op"}} is a column, {"resource_type": {"value": "ticket"}} a constant. Values are cast to the type of the column.
p_batch: events a transaction, 1 to 1000000.
Action types that begin with AUDIT_ get the prefix IMPORTED_. The order of times and membership are not checked; the named constraints are. A row that is refused is named in DETAIL by its source_id; nothing of its batch stays, and earlier batches do. So is one that cannot be read, where it can be told from the others; then nothing is imported. audit_imports says that the run failed.
Errors: 22023 for a mapping, a name or a number that cannot be used, for a name that has another source, and for a row without source_id or created_at, or with the key audit_ext in metadata; 23514 naming the constraint that a row breaks; 23001 for a row that was imported with another content, for two rows of one source_id and time, and where audit_events has triggers or indexes of others that an import would pass by; 22008 for a time before 1970; 2D000 within a transaction block or a function; whatever reading the source raises.';
