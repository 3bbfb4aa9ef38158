SELECT audit_setup();
