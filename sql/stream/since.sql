-- Where the first seal that could take events of a time begins: it looked at that time or later. All seals are looked at, for the clock may have been set back.
-- Then a seal has events whose time is later than the one at which it looked, by as much as the clock was set back since the seal before; nobody knows how
-- much that is if the machine was started in between, and it is taken for a day.
SELECT incarnation, root_size - head_count FROM @extschema@.audit_log_seals
WHERE seal = (
  SELECT min(seal) FROM (
    SELECT seal, head_count, seen_at, CASE
      WHEN boot_id = lag(boot_id) OVER seals THEN
        greatest(uptime_us - lag(uptime_us) OVER seals - (extract(epoch FROM seen_at - lag(seen_at) OVER seals) * 1000000)::int8, 0)
      WHEN lag(boot_id) OVER seals IS NOT NULL THEN 86400000000
      ELSE 0 END * interval '1 microsecond' AS stepped_back
    FROM @extschema@.audit_log_seals WINDOW seals AS (ORDER BY seal)
  ) AS one
  WHERE head_count > 0 AND seen_at + stepped_back >= $1)
