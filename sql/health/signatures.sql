-- Whether anything is sealed, whether a checkpoint was ever signed, and since when seals behind the newest signed one wait for a signature.
WITH signed AS (
  SELECT incarnation, size FROM @extschema@.audit_log_signatures WHERE kind = 'note' ORDER BY incarnation DESC, size DESC LIMIT 1
)
SELECT EXISTS (SELECT FROM @extschema@.audit_log_seals), EXISTS (SELECT FROM signed), (
  SELECT seal.sealed_at FROM @extschema@.audit_log_seals AS seal, signed
  WHERE (seal.incarnation, seal.root_size) > (signed.incarnation, signed.size) ORDER BY seal.incarnation, seal.root_size LIMIT 1)
