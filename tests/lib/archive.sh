#!/usr/bin/env bash
# What the tests of the archive share: events of the past by the thousand, a book that tells what was recorded and what was purged, and
# the one thing that must be true of them at any moment.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/report.sh"

# The book, filled in the transactions that record and purge: every event recorded less those purged is stored exactly once, hot or
# archived, with the content it was recorded with or an erasure left; but for UNTOLD ones. The view "astray" shows the events of which that is not true, in one snapshot.
BOOK="
CREATE TABLE told (id uuid PRIMARY KEY, workspace_id uuid NOT NULL, created_at timestamptz NOT NULL, users uuid[] NOT NULL, digest text NOT NULL);
CREATE INDEX ON told (workspace_id);
CREATE TABLE purged (id uuid PRIMARY KEY);
CREATE VIEW astray AS
  SELECT id, sum(told) AS told, sum(purged) AS purged, sum(hot) AS hot, sum(archived) AS archived, count(DISTINCT digest) AS contents
  FROM (
    SELECT id, 1 AS told, 0 AS purged, 0 AS hot, 0 AS archived, digest FROM told
    UNION ALL SELECT id, 0, 1, 0, 0, NULL FROM purged
    UNION ALL SELECT id, 0, 0, 1, 0, md5(event::text) FROM audit_events AS event WHERE action_type !~ '^AUDIT_|^UNTOLD'
    UNION ALL SELECT id, 0, 0, 0, 1, md5(event::text) FROM audit_events_archive AS event WHERE action_type !~ '^AUDIT_|^UNTOLD') AS entries
  GROUP BY id
  HAVING sum(told) <> 1 OR sum(purged) + sum(hot) + sum(archived) <> 1 OR count(DISTINCT digest) <> 1;
CREATE FUNCTION past(p_workspace bigint, p_from timestamptz, p_step interval, p_count bigint) RETURNS bigint LANGUAGE sql AS \$\$
  WITH recorded AS (
    INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, tags)
    SELECT p_from + n * p_step, 'PAST', 'thing', w(n % 7), w(p_workspace), w(1 + n % 9), '{\"n\": 0}', jsonb_build_object('n', n), ARRAY['a', 'b']
    FROM generate_series(1, p_count) AS n RETURNING audit_events AS event
  ), noted AS (
    INSERT INTO told SELECT (event).id, (event).workspace_id, (event).created_at, ARRAY[(event).created_by_user_id, (event).resource_id], md5(event::text)
    FROM recorded RETURNING 1
  )
  SELECT count(*) FROM noted
\$\$;
CREATE FUNCTION present(p_workspace bigint) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
  recorded uuid := insert_audit_event('NOW', 'thing', w(7), w(p_workspace), w(1), NULL, '{\"a\": 1}');
BEGIN
  INSERT INTO told SELECT id, workspace_id, created_at, ARRAY[created_by_user_id, resource_id], md5(event::text)
  FROM audit_events AS event WHERE id = recorded AND created_at >= transaction_timestamp() - interval '1 day';
END \$\$;
-- Purges, and writes down what is in neither table any more: nothing else takes or moves events until the transaction ends. Raises
-- P0002 if the number is another than the purge said, and P0003 if it took what it should have kept.
CREATE FUNCTION purge(p_workspace bigint) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
  said bigint;
  gone bigint;
  kept bigint;
BEGIN
  SELECT deleted_count INTO said FROM purge_expired_audit_events(w(p_workspace), 'TEST', 'T-1');
  WITH missing AS (
    INSERT INTO purged SELECT id FROM told WHERE workspace_id = w(p_workspace)
      AND NOT EXISTS (SELECT FROM purged WHERE purged.id = told.id)
      AND NOT EXISTS (SELECT FROM audit_events AS event WHERE event.id = told.id AND event.created_at = told.created_at)
      AND NOT EXISTS (SELECT FROM audit_events_archive AS event WHERE event.id = told.id AND event.created_at = told.created_at)
    RETURNING id)
  SELECT count(*), count(*) FILTER (WHERE is_compliance_mode OR told.created_at > now() - make_interval(days => warm_archive_days)
      OR EXISTS (SELECT FROM audit_legal_holds AS hold WHERE hold.workspace_id = told.workspace_id AND released_at IS NULL
        AND (user_id IS NULL OR user_id = ANY (users))))
  INTO gone, kept FROM missing JOIN told USING (id) JOIN audit_retention_policies USING (workspace_id);
  IF said <> gone THEN RAISE EXCEPTION 'purge of % says %, gone are %', p_workspace, said, gone USING ERRCODE = 'P0002'; END IF;
  IF kept > 0 THEN RAISE EXCEPTION 'purge of % took %', p_workspace, kept USING ERRCODE = 'P0003'; END IF;
  RETURN said;
END \$\$;
-- Erases what a user did, and writes down what is left of it. Raises P0002 if more or less changed than the erasure said, and P0003 if any
-- payload is left.
CREATE FUNCTION erase(p_workspace bigint, p_user bigint) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
  said bigint;
  changed bigint;
  telling bigint;
BEGIN
  SELECT deleted_count INTO said FROM delete_user_audit_events_compliant(w(p_user), w(p_workspace), 'GDPR', 'T-2');
  WITH stored AS (
    SELECT id, md5(event::text) AS digest, num_nonnulls(old_values, new_values, changed_fields, tags) AS payload FROM audit_events AS event
    WHERE workspace_id = w(p_workspace) AND created_by_user_id = w(p_user) AND deleted_at IS NOT NULL
    UNION ALL SELECT id, md5(event::text), num_nonnulls(old_values, new_values, changed_fields, tags) FROM audit_events_archive AS event
    WHERE workspace_id = w(p_workspace) AND created_by_user_id = w(p_user) AND deleted_at IS NOT NULL
  ), noted AS (
    UPDATE told SET digest = stored.digest FROM stored WHERE told.id = stored.id AND told.digest <> stored.digest RETURNING payload
  )
  SELECT count(*), count(*) FILTER (WHERE payload > 0) INTO changed, telling FROM noted;
  IF said <> changed THEN RAISE EXCEPTION 'erasure in % says %, changed are %', p_workspace, said, changed USING ERRCODE = 'P0002'; END IF;
  IF telling > 0 THEN RAISE EXCEPTION 'erasure in % left % telling', p_workspace, telling USING ERRCODE = 'P0003'; END IF;
  RETURN said;
END \$\$;
-- How many events are hot that should have been archived.
CREATE FUNCTION due() RETURNS bigint LANGUAGE sql AS \$\$
  SELECT count(*) FROM audit_events AS event JOIN audit_retention_policies AS policy USING (workspace_id),
    LATERAL (SELECT now() - make_interval(days => hot_retention_days)) AS age (old)
  WHERE event.created_at < CASE archive_by WHEN 'event' THEN old ELSE date_trunc('month', old AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END
    AND NOT EXISTS (SELECT FROM audit_restored_events AS restored WHERE restored.event_id = event.id AND keep_hot_until > clock_timestamp())
\$\$;
-- Brings back everything that is archived, to be archived again by the next run.
CREATE FUNCTION restore_all() RETURNS bigint LANGUAGE sql AS \$\$
  SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive), '0')
\$\$;
-- What was brought back may be archived again: only a superuser with the guards switched off can say so.
CREATE PROCEDURE keep_none_hot() LANGUAGE plpgsql AS \$\$
BEGIN
  ALTER EVENT TRIGGER audit_ddl_command_start DISABLE; ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
  ALTER TABLE audit_restored_events DISABLE TRIGGER audit_restored_events_guard;
  UPDATE audit_restored_events SET keep_hot_until = now();
  ALTER TABLE audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard;
  ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS; ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
END \$\$"

database_with_book() {
    database_with_trail "$1"
    query "$BOOK" "$1"
}

# check_conserved DESCRIPTION DATABASE
check_conserved() {
    check_equal "$1: every event recorded and not purged is stored once, unchanged" '' "$(query 'TABLE astray ORDER BY id LIMIT 5' "$2")"
}

# health DATABASE CHECK: its status.
health() { query "SELECT string_agg(status, ',') FROM audit_health() WHERE check_name = '$2'" "$1"; }

