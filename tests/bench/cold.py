"""What cold storage costs the server, in processor time: a release against a DELETE, a restore against COPY into a table like the archive's."""

import os

from measure import ROUNDS, SPENT, psql, ratio

WORKSPACE = "md5('cold')::uuid"
MONTH = "2024-02"
LEAF = "audit_events_archive_2024_02"
COLUMNS = "id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, " \
          "deleted_at, deleted_by_user_id, deletion_reason, seal_key, seal_xid"
CHUNK = 65536
# Once, for what is measured cannot be done twice in one transaction.
ONCE = f"""CREATE FUNCTION bench.cpu_once(p_sql text) RETURNS double precision LANGUAGE plpgsql AS $$
  DECLARE began bigint := {SPENT};
  BEGIN
    EXECUTE p_sql;
    RETURN ({SPENT} - began) / 1e6;
  END $$"""


def archived(size):
    """So many archived events of one workspace and month, whose policy sends them to cold storage."""
    psql(f"""SET client_min_messages = warning;
      INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES ({WORKSPACE}, 30, 60, 36500);
      CREATE FUNCTION bench.record(first int, last int) RETURNS void LANGUAGE sql AS $$
        INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id)
        SELECT timestamptz '{MONTH}-02Z' + n * interval '1 second', 'UPDATE_DOCUMENT', 'document', md5('resource ' || n % 1000)::uuid, {WORKSPACE}, md5('person ' || n % 100)::uuid,
               jsonb_build_object('title', 'Draft ' || n), jsonb_build_object('title', 'Final ' || n), '203.0.113.7', 'Mozilla/5.0', 'req-' || n FROM generate_series(first, last) AS n $$;
      SELECT bench.record(1, 1);
      SELECT count(*) FROM create_past_audit_partitions('{MONTH}-01', '{MONTH}-28');
      SELECT bench.record(2, {size});
      SELECT archived_count FROM archive_old_audit_events()""")
    psql(f"VACUUM (FREEZE, ANALYZE) {LEAF}")


def exported(size, scratch):
    """The object of these events, stored: what audit-cold does, by COPY."""
    psql("CREATE TABLE bench.chunks (chunk int, events int, bytes bytea); ALTER TABLE bench.chunks ALTER bytes SET STORAGE EXTERNAL")
    found = psql(f"SELECT object_id FROM begin_audit_cold_object({WORKSPACE}, '{MONTH}-01', 'file:///bench')").strip()
    for chunk, first in enumerate(range(0, size, CHUNK)):
        # The header of COPY has 19 bytes, its trailer two.
        psql(f"""COPY (SELECT {COLUMNS} FROM {LEAF} ORDER BY created_at, id OFFSET {first} LIMIT {CHUNK}) TO '{scratch}/chunk.copy' (FORMAT binary);
          INSERT INTO bench.chunks SELECT {chunk}, least({CHUNK}, {size} - {first}), substr(bytes, 20, octet_length(bytes) - 21) FROM pg_read_binary_file('{scratch}/chunk.copy') AS bytes""")
    key = lambda order: f"""(SELECT jsonb_build_object('created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', id) FROM {LEAF} ORDER BY created_at {order}, id {order} LIMIT 1)"""
    psql(f"""SELECT store_audit_cold_object('{found}', (SELECT jsonb_build_object('format', 1, 'object', '{found}', 'replaces', NULL, 'workspace', {WORKSPACE}, 'month', '{MONTH}',
      'columns', string_to_array('{COLUMNS}', ', '), 'chunks', jsonb_agg(jsonb_build_object('events', events, 'bytes', octet_length(bytes), 'sha256', encode(sha256(bytes), 'hex')) ORDER BY chunk),
      'tool', 'bench', 'evidence', NULL, 'event_count', sum(events), 'first', {key('ASC')}, 'last', {key('DESC')},
      'file_bytes', sum(octet_length(bytes)), 'file_sha256', encode(sha256('file'), 'hex')) FROM bench.chunks))""")
    psql(f"COPY (SELECT {COLUMNS} FROM {LEAF} ORDER BY created_at, id) TO '{scratch}/all.copy' (FORMAT binary)")
    return found


def once(sql):
    """Milliseconds of processor time of a statement that is rolled back."""
    printed = psql(f"SET client_min_messages = warning; BEGIN; SELECT bench.cpu_once($timed${sql}$timed$); ROLLBACK")
    return float(printed.strip().splitlines()[-1])


def alternated(ways, after):
    """The samples of each way; every round begins with another, and the first round does not count."""
    samples = {name: [] for name in ways}
    order = list(ways)
    for round_ in range(max(3, ROUNDS // 3) + 1):
        shift = round_ % len(order)
        for name in order[shift:] + order[:shift]:
            samples[name].append(once(ways[name]))
            psql(after)
    return {name: taken[1:] for name, taken in samples.items()}


def measure_cold(told, prepare, scratch):
    """All events of a month of one workspace leave, and come back."""
    size = int(os.environ.get("BENCH_COLD", "200000"))
    for name in ("chunk.copy", "all.copy"):
        (scratch / name).touch()
        (scratch / name).chmod(0o666)
    prepare()
    psql(ONCE)
    archived(size)
    found = exported(size, scratch)
    for table in ("plain", "control"):
        psql(f"CREATE TABLE bench.{table} (LIKE {LEAF} INCLUDING CONSTRAINTS INCLUDING INDEXES)")
    here = f"{size} events of a month"
    a_second = lambda taken: ratio([1000 * size] * len(taken), taken)
    rate = lambda taken: f"{a_second(taken).median:,.0f} events a second"

    release = f"SELECT release_audit_cold_object('{found}', 'SOC2', 'BENCH-1')"
    # The guard lets no row go, so the statement by hand goes to a table like the archive's.
    psql(f"INSERT INTO bench.plain SELECT * FROM {LEAF}; VACUUM (FREEZE, ANALYZE) bench.plain")
    samples = alternated({"release": release, "control": release, "delete": "DELETE FROM bench.plain"}, f"VACUUM {LEAF}, bench.plain")
    told(f"release of {here}", f"release_audit_cold_object(), {rate(samples['release'])}", "DELETE from a table without guards", ratio(samples["release"], samples["delete"]), ">= 100,000 a second")
    told(f"release of {here}", "control", "release_audit_cold_object()", ratio(samples["control"], samples["release"]), "A/A")

    psql(f"{release}; TRUNCATE bench.plain; VACUUM {LEAF}, bench.plain")
    copy = lambda table: f"COPY bench.{table} ({COLUMNS}) FROM '{scratch}/all.copy' (FORMAT binary)"
    restore = f"SELECT sum(restore_audit_cold_events('{found}', chunk, bytes)) FROM bench.chunks"
    samples = alternated({"restore": restore, "copy": copy("plain"), "control": copy("control")}, f"VACUUM {LEAF}, audit_cold_loans, bench.plain, bench.control")
    told(f"restore of {here}", f"restore_audit_cold_events(), {rate(samples['restore'])}", f"COPY FROM in binary form, {rate(samples['copy'])}", ratio(samples["restore"], samples["copy"]), "<= 1.43")
    told(f"restore of {here}", "control", "COPY FROM in binary form", ratio(samples["control"], samples["copy"]), "A/A")
