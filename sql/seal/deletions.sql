-- The entries of workspace $1, oldest first, with the columns that their ids are made of.
SELECT event_list_id, @columns@ FROM @extschema@.audit_deletion_log WHERE workspace_id = $1 ORDER BY deleted_at, id
