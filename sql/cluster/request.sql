SELECT @columns@ FROM pg_catalog.jsonb_populate_record(NULL::@table@, $1::pg_catalog.jsonb || CASE
  WHEN $1::pg_catalog.jsonb -> 'requested_by_role_oid' = 'null' THEN '{}'
  ELSE pg_catalog.jsonb_build_object('requested_by_role_oid', (
    SELECT role.oid FROM pg_catalog.pg_roles AS role WHERE role.rolname = $1::pg_catalog.jsonb ->> 'requested_by_role'))
END)
