-- Entry $1 of the deletion log: its list, and the columns that its id is made of.
SELECT event_list_id, @columns@ FROM @extschema@.audit_deletion_log WHERE id = $1
