-- What SQL says of archived events, a line of JSON for each, in the order of files, as readers of files have to say it. Times are microseconds since 1970, bytes are
-- hexadecimal. What a column of a file cannot tell is NULL there, and the whole row stands in exact_row as COPY writes it: an array of several dimensions or that does
-- not begin at 1, an address that PostgreSQL alone writes so.
CREATE FUNCTION pg_temp.list(text[]) RETURNS text[] LANGUAGE sql RETURN CASE WHEN $1 = '{}' OR array_ndims($1) = 1 AND array_lower($1, 1) = 1 THEN $1 END;
CREATE FUNCTION pg_temp.address(inet) RETURNS text LANGUAGE sql RETURN CASE WHEN $1::text !~ '^::\d+\.' THEN to_jsonb($1) #>> '{}' END;
SELECT json_build_object(
  'id', id, 'created_at', (extract(epoch FROM created_at) * 1000000)::bigint, 'created_by_user_id', created_by_user_id, 'action_type', action_type,
  'resource_type', resource_type, 'resource_id', resource_id, 'workspace_id', workspace_id, 'old_values', old_values::text, 'new_values', new_values::text,
  'changed_fields', pg_temp.list(changed_fields), 'ip_address', pg_temp.address(ip_address), 'user_agent', user_agent, 'request_id', request_id,
  'tags', pg_temp.list(tags), 'metadata', metadata::text, 'deleted_at', (extract(epoch FROM deleted_at) * 1000000)::bigint,
  'deleted_by_user_id', deleted_by_user_id, 'deletion_reason', deletion_reason, 'seal_key', encode(seal_key, 'hex'), 'seal_xid', seal_xid,
  'exact_row', (changed_fields IS NOT NULL AND pg_temp.list(changed_fields) IS NULL) OR (tags IS NOT NULL AND pg_temp.list(tags) IS NULL)
    OR (ip_address IS NOT NULL AND pg_temp.address(ip_address) IS NULL))
FROM audit_events_archive WHERE workspace_id = :'workspace' AND created_at >= :'month' AND created_at < :'month'::timestamptz + interval '1 month'
ORDER BY workspace_id, created_at, id;
