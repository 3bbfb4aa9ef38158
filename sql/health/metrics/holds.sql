SELECT 'audit_holds_active', '{}'::jsonb, count(*)::double precision, 'Legal holds in force' FROM @extschema@.audit_legal_holds WHERE released_at IS NULL
