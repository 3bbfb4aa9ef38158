-- It fires under session_replication_role = replica too.
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER @name@;
