-- The entries of workspace $1, oldest first; whether a released object of cold storage holds the events of each; and the columns that their ids are made of.
SELECT event_list_id, EXISTS (@object@), @columns@ FROM @extschema@.audit_deletion_log AS entry WHERE workspace_id = $1 ORDER BY deleted_at, id
