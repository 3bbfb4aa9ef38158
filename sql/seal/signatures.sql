-- What was said of the checkpoint of incarnation $1 at size $2, of kind $3, in the order in which it came.
SELECT evidence FROM @extschema@.audit_log_signatures WHERE incarnation = $1 AND size = $2 AND kind = $3 ORDER BY added_at, name
