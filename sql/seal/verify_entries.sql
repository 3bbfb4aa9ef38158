-- The entries of the deletion log of workspace $1, or of all workspaces, with the columns that their ids are made of.
SELECT id, workspace_id, event_list_id, @columns@
FROM @extschema@.audit_deletion_log WHERE $1 IS NULL OR workspace_id = $1
