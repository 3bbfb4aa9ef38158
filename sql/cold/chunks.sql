-- The chunks of object $1, in their order: events, bytes and digest of each.
INSERT INTO @extschema@.audit_cold_chunks (object_id, chunk, event_count, byte_count, sha256)
SELECT $1, given.place - 1, given.event_count, given.byte_count, given.sha256
FROM unnest($2::bigint[], $3::bigint[], $4::bytea[]) WITH ORDINALITY AS given (event_count, byte_count, sha256, place)
