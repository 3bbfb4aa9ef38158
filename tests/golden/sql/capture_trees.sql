-- Partitions and children: whatever table a statement names, each changed row is one event; a table that gains a parent or a child goes over
-- to row capture and back.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE VIEW shown AS
  SELECT row_number() OVER (ORDER BY created_at, id) AS n, action_type AS action, resource_type AS resource, old_values, new_values, metadata #>> '{audit_ext,table}' AS part
  FROM audit_events WHERE action_type NOT LIKE 'AUDIT%';
CREATE VIEW triggers AS
  SELECT tgrelid::regclass AS on_table, string_agg(replace(tgname, 'audit_capture_', '') || CASE tgenabled WHEN 'A' THEN '' ELSE ' ' || tgenabled::text END, ', ' ORDER BY tgname) AS capture
  FROM pg_trigger WHERE tgname LIKE 'audit_capture%' GROUP BY 1 ORDER BY 1::text;
CREATE TABLE sale (id int, region text, amount int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE sale_north PARTITION OF sale FOR VALUES IN ('n');
CREATE TABLE sale_south PARTITION OF sale FOR VALUES IN ('s');
SELECT audit_track_table('sale', NULL) \g /dev/null
-- A partition made later, and one attached; a partition of partitions.
CREATE TABLE sale_east PARTITION OF sale FOR VALUES IN ('e') PARTITION BY RANGE (id);
CREATE TABLE sale_east_1 PARTITION OF sale_east FOR VALUES FROM (0) TO (100);
CREATE TABLE sale_west (amount int, gone text, region text NOT NULL, id int NOT NULL);
ALTER TABLE sale_west DROP COLUMN gone;
ALTER TABLE sale ATTACH PARTITION sale_west FOR VALUES IN ('w');
TABLE triggers;
INSERT INTO sale VALUES (1, 'n', 1), (2, 's', 2), (3, 'e', 3), (4, 'w', 4);
INSERT INTO sale_west (id, region, amount) VALUES (5, 'w', 5);
UPDATE sale SET amount = amount + 10 WHERE region IN ('e', 'w');
UPDATE sale_east_1 SET amount = 0;
-- A row that moves to another partition leaves one and enters the other.
UPDATE sale SET region = 's' WHERE id = 1;
DELETE FROM sale WHERE id = 2;
TABLE shown;
-- TRUNCATE of the whole is one event, of a part another.
SELECT count(*) + 1 AS before FROM shown \gset
TRUNCATE sale;
BEGIN; TRUNCATE sale; TRUNCATE sale_south; TRUNCATE sale_south, sale_north; COMMIT;
TRUNCATE sale_east;
SELECT action, resource, part FROM shown WHERE n >= :before ORDER BY n;
-- A detached partition is on its own, and no longer tracked.
ALTER TABLE sale DETACH PARTITION sale_south;
DROP TABLE sale_west;
TABLE triggers;
SELECT action_type, new_values - 'columns' AS what FROM audit_events WHERE action_type LIKE 'AUDIT_TRACKED%' ORDER BY created_at, id;

-- A partition tracked by itself is captured, whatever the statement names.
SELECT audit_untrack_table('sale') \g /dev/null
SELECT audit_track_table('sale_north', NULL) \g /dev/null
SELECT count(*) + 1 AS before FROM shown \gset
INSERT INTO sale VALUES (1, 'n', 1), (2, 'e', 2);
UPDATE sale SET amount = 3;
UPDATE sale SET region = 'e' WHERE id = 1;
SELECT * FROM shown WHERE n >= :before ORDER BY n;
SELECT code, message, hint FROM test.refusal($$SELECT audit_track_table('sale', NULL)$$);

-- Inheritance.
CREATE TABLE animal (id int PRIMARY KEY, name text);
SELECT audit_track_table('animal', NULL) \g /dev/null
CREATE TABLE bird (wings int DEFAULT 2) INHERITS (animal);
TABLE triggers;
SELECT count(*) + 1 AS before FROM shown \gset
INSERT INTO animal VALUES (1, 'cat');
INSERT INTO bird VALUES (2, 'owl');
UPDATE animal SET name = upper(name);
DELETE FROM ONLY animal;
DELETE FROM animal;
SELECT * FROM shown WHERE n >= :before ORDER BY n;
SELECT code, message, hint FROM test.refusal($$SELECT audit_track_table('bird', NULL)$$);
SELECT count(*) + 1 AS before FROM shown \gset
BEGIN; TRUNCATE ONLY animal; TRUNCATE bird; COMMIT;
SELECT action, resource, part FROM shown WHERE n >= :before ORDER BY n;
ALTER TABLE bird NO INHERIT animal;
TABLE triggers;
SELECT table_name, capture FROM audit_tracked_tables ORDER BY 1;

-- A table tracked by itself that becomes a partition of a tracked one has each row once.
SELECT audit_untrack_table('sale_north') \g /dev/null
SELECT audit_track_table('sale', NULL) \g /dev/null
CREATE TABLE sale_up (id int NOT NULL, region text NOT NULL, amount int);
SELECT audit_track_table('sale_up', NULL) \g /dev/null
ALTER TABLE sale ATTACH PARTITION sale_up FOR VALUES IN ('u');
SELECT count(*) + 1 AS before FROM shown \gset
INSERT INTO sale VALUES (9, 'u', 9);
INSERT INTO sale_up VALUES (10, 'u', 10);
TRUNCATE sale_up;
SELECT * FROM shown WHERE n >= :before ORDER BY n;
SELECT table_name, capture FROM audit_tracked_tables ORDER BY 1;

-- A partition that is named before its parent is emptied by itself first; it is recorded again once it has rows again.
SELECT count(*) + 1 AS before FROM shown \gset
BEGIN;
TRUNCATE sale_north, sale;
INSERT INTO sale_north VALUES (20, 'n', 20);
TRUNCATE sale_north;
COMMIT;
SELECT action, resource, part FROM shown WHERE n >= :before ORDER BY n;
