-- The action types whose class and activity somebody chose.
SELECT action_type, ocsf_class_uid, ocsf_activity_id FROM @extschema@.audit_action_types WHERE ocsf_class_uid IS NOT NULL
