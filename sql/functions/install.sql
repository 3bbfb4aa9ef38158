SELECT @extschema@.audit_setup();
