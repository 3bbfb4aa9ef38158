-- Of the events that lie in the last pages of a partition, from page @first@ on: those whose id is no UUIDv7 of their time. @place@: the partition's in a list.
SELECT @place@, count(*), min(id::text)
FROM ONLY @leaf@
WHERE ctid >= '(@first@,0)'::tid AND NOT (
  substr(id::text, 15, 1) = '7' AND created_at = 'epoch'::timestamptz + interval '1 microsecond' * (
    ('x' || replace("left"(id::text, 13), '-', ''))::bit(48)::bigint * 1000 + (('x' || substr(id::text, 16, 3))::bit(12)::int * 1000 + 4095) / 4096))
HAVING count(*) > 0
