-- The entries of the deletion log of workspace $1, or of all workspaces; whether a released object of cold storage holds the events of each; and the columns that
-- their ids are made of.
SELECT id, workspace_id, event_list_id, EXISTS (@object@), @columns@
FROM @extschema@.audit_deletion_log AS entry WHERE $1 IS NULL OR workspace_id = $1
