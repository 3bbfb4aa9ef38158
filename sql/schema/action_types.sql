-- =====================================================================================================================
-- What action types mean: names for people, and how they are exported. Recording does not ask it: any text is an action type.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_action_types (
  action_type       text     PRIMARY KEY,
  display_names     jsonb    NOT NULL DEFAULT '{}',
  description       text,
  is_security       boolean  NOT NULL DEFAULT false,
  ocsf_class_uid    integer,
  ocsf_activity_id  integer,
  -- An entry of an index has a greatest size.
  CONSTRAINT check_action_type_length CHECK (octet_length(action_type) BETWEEN 1 AND 200),
  CONSTRAINT check_display_names_object CHECK (jsonb_typeof(display_names) = 'object'),
  CONSTRAINT check_ocsf_complete CHECK ((ocsf_class_uid IS NULL) = (ocsf_activity_id IS NULL)),
  -- The classes that an event can fill.
  CONSTRAINT check_ocsf_class_known CHECK (ocsf_class_uid IN (3001, 3002, 3004, 3006)),
  -- Activities of OCSF 1.6.0 that demand nothing which an event does not have. 99 is told with the action type as its name.
  CONSTRAINT check_ocsf_activity_known CHECK (CASE ocsf_class_uid
    WHEN 3001 THEN ocsf_activity_id BETWEEN 1 AND 12
    WHEN 3002 THEN ocsf_activity_id BETWEEN 1 AND 6
    WHEN 3004 THEN ocsf_activity_id BETWEEN 1 AND 13
    WHEN 3006 THEN ocsf_activity_id BETWEEN 3 AND 6
  END OR ocsf_activity_id = 99)
);
COMMENT ON TABLE @extschema@.audit_action_types IS 'What action types mean: names for people by language, and how events are exported as OCSF. Recording does not ask it. Compliance officers write it, readers read it; each change is an event AUDIT_ACTION_TYPE_CHANGED, and a row is never deleted.';
COMMENT ON COLUMN @extschema@.audit_action_types.action_type IS 'The action type, exactly as events have it; up to 200 bytes.';
COMMENT ON COLUMN @extschema@.audit_action_types.display_names IS 'Its names by language, as {"en": "Role changed", "es": "Rol cambiado"}.';
COMMENT ON COLUMN @extschema@.audit_action_types.description IS 'What it means.';
COMMENT ON COLUMN @extschema@.audit_action_types.is_security IS 'Whether it concerns security. For applications; nothing here asks it.';
COMMENT ON COLUMN @extschema@.audit_action_types.ocsf_class_uid IS 'The OCSF class of its events: 3001 Account Change, 3002 Authentication, 3004 Entity Management or 3006 Group Management. NULL: what the verb in the action type says. Events without a resource_id cannot be 3001 or 3006, and are exported as if nothing were said.';
COMMENT ON COLUMN @extschema@.audit_action_types.ocsf_activity_id IS 'The activity of that class in OCSF 1.6.0; 99 is another, with the action type as its name.';
