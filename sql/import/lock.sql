-- Two runs of one import take turns, batch by batch.
SELECT FROM @extschema@.audit_imports WHERE name = $1 FOR UPDATE
