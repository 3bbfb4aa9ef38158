-- create_monthly_audit_partition: what it makes and names, that it can run again, that strays of any month are moved with nothing
-- lost or changed, that bounds are UTC months in every time zone, and that every partition has settings and guard.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT test.masked(partition_name) AS partition_name FROM create_monthly_audit_partition(0);
SELECT test.masked(partition_name) AS partition_name FROM create_monthly_audit_partition();
SELECT test.masked(partition_name) AS partition_name FROM create_monthly_audit_partition(p_months_ahead := 4);
SELECT count(*) FROM create_monthly_audit_partition(4);
SELECT months, code, message, hint FROM unnest(ARRAY['-1', '121', 'NULL', '2147483647']) WITH ORDINALITY AS given (months, no),
  LATERAL test.refusal(format('SELECT * FROM create_monthly_audit_partition(%s)', months)) ORDER BY no;

-- Strays of several months, by three paths, at the edges of months and of a year, on a leap day, around a change of summer time.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, metadata)
SELECT 'A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', time::timestamptz, jsonb_build_object('no', no)
FROM unnest(ARRAY['1970-01-01 00:00:00+00', '2023-12-31 23:59:59.999999+00', '2024-01-01 00:00:00+00', '2024-02-29 23:59:59.999999+00', '2024-03-01 00:00:00+00']) WITH ORDINALITY AS given (time, no) ORDER BY no;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	2024-03-31 00:59:59.999999+00
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	2024-03-31 23:59:59.999999+00
\.
SELECT count(*) FROM insert_audit_events('[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001",
  "old_values": {"a": 1}, "new_values": {"a": 2}, "tags": ["x"], "ip_address": "::1", "created_at": "2024-04-01T00:00:00Z"}]');
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, deleted_at, deletion_reason)
VALUES ('30000000-0000-4000-8000-000000000001', '2020-02-29', 'A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', now(), 'GDPR');
RESET session_replication_role;
SELECT parent_table, months_ahead, default_partition_rows FROM partition_schedule ORDER BY parent_table;
CREATE VIEW digest AS SELECT (SELECT md5(string_agg(e::text, ',' ORDER BY e.id)) FROM audit_events e) || (SELECT md5(string_agg(a::text, ',' ORDER BY a.id)) FROM audit_events_archive a) AS rows;
SELECT rows AS before FROM digest \gset
SET TimeZone = 'Pacific/Kiritimati';
SELECT partition_name FROM create_past_audit_partitions('1970-01-01', '2025-01-01');
RESET TimeZone;
SELECT rows = :'before' AS "nothing lost or changed" FROM digest;
SELECT tableoid::regclass AS partition, created_at FROM audit_events ORDER BY created_at, id;
SELECT tableoid::regclass AS partition, created_at FROM audit_events_archive ORDER BY created_at, id;
SELECT parent_table, default_partition_rows FROM partition_schedule ORDER BY parent_table;
SELECT count(*) AS "again" FROM create_past_audit_partitions('1970-01-01', '2025-01-01');

-- Sessions in any time zone make the same bounds; year ends and Februaries are right.
SET TimeZone = 'America/St_Johns';
SELECT count(*) AS made FROM create_monthly_audit_partition(8);
SET TimeZone = 'Asia/Kathmandu';
SELECT count(*) AS made FROM create_monthly_audit_partition(16);
SET TimeZone = 'UTC';
CREATE VIEW partition AS SELECT c.oid, c.relname, regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS bound, c.reloptions
FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent IN ('audit_events'::regclass, 'audit_events_archive'::regclass);
SELECT relname, bound FROM partition WHERE relname ~ '_20(20|23|24)_' ORDER BY relname;
SELECT count(*) AS partitions,
  bool_and(bound[1] = format('%s-%s-01 00:00:00+00', (regexp_match(relname, '(\d{4})_(\d{2})$'))[1], (regexp_match(relname, '(\d{4})_(\d{2})$'))[2])) AS named_by_their_month,
  bool_and(bound[2]::timestamp = bound[1]::timestamp + interval '1 month') AS a_month_each
FROM partition WHERE relname !~ '_default$';
-- Settings, guard, inherited triggers, indexes of every partition.
SELECT reloptions, count(*) FROM partition GROUP BY 1 ORDER BY 1;
SELECT tgname, tgenabled, count(*) = (SELECT count(*) FROM partition WHERE relname LIKE 'audit_events_archive%' OR tgname NOT LIKE '%archive%') AS "on all", tgparentid <> 0 AS inherited
FROM pg_trigger JOIN partition ON tgrelid = partition.oid WHERE NOT tgisinternal AND tgname <> 'check_audit_workspace_membership' GROUP BY 1, 2, 4 ORDER BY 1;
SELECT count(*) AS "partitions that can be truncated" FROM partition, LATERAL test.refusal('TRUNCATE ' || partition.oid::regclass) WHERE code <> '23001';
SELECT DISTINCT (SELECT count(*) FROM pg_index WHERE indrelid = partition.oid AND indisvalid) AS indexes, (SELECT count(*) FROM pg_constraint WHERE conrelid = partition.oid AND contype = 'c') AS checks FROM partition;

-- A name that is taken: a clear error, nothing made, the stray stays readable; then the way out.
CREATE TABLE audit_events_2021_05 (mine int);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('A', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2021-05-05');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('A', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2021-06-06');
SELECT * FROM create_past_audit_partitions('2021-05-01', '2021-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('audit_events_2021_06') IS NULL AS "nothing made", (SELECT count(*) FROM audit_events_default) AS strays;
ALTER TABLE audit_events_2021_05 RENAME TO mine;
SELECT * FROM create_past_audit_partitions('2021-05-01', '2021-06-01');
SELECT count(*) AS strays FROM audit_events_default;
-- Rolled back: as if it never ran.
BEGIN;
SELECT count(*) AS made FROM create_monthly_audit_partition(20);
ROLLBACK;
SELECT count(*) AS made FROM create_monthly_audit_partition(20);

-- Whoever may have months made chooses neither how nor where they are stored.
CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler;
SET default_table_access_method = other_heap;
SELECT count(*) AS made FROM create_monthly_audit_partition(21);
SHOW default_table_access_method;
RESET default_table_access_method;
SELECT amname, count(*) > 40 AS months FROM pg_class JOIN pg_am ON pg_am.oid = relam WHERE relname ~ '^audit_events_(archive_)?[0-9]{4}_[0-9]{2}$' AND relkind = 'r' GROUP BY 1;
