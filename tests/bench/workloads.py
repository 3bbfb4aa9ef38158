#!/usr/bin/env python3
"""The workloads, each against its baselines: workloads.py [NAME…]; called by tests/bench/run."""

import os
import platform
import subprocess
import sys
from pathlib import Path

from measure import ROUNDS, Variant, alternate, pgbench, psql, ratio
from carrying import measure_carrying
from cold import measure_cold
from exporting import measure_export, measure_person
from importing import measure_import
from searching import measure_indexes, measure_search
from streaming import measure_stream
from sealing import Sealing

HERE = Path(__file__).resolve().parent
EVENTS = int(os.environ.get("BENCH_EVENTS", "100000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
SCRATCH = Path(os.environ["BENCH_SCRATCH"])
COLUMNS = "action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent"
CALL = "action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent"

report = []


def told(work, ours, baseline, figure, target=""):
    report.append((work, ours, baseline, str(figure), target))
    print(f"{work} | {ours} | {baseline} | {figure} | {target}", flush=True)


def include(name, **variables):
    command = [os.environ["PGBIN"] + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "bench", "-f", str(HERE / "sql" / name)]
    command += [word for item in variables.items() for word in ("-v", "{}={}".format(*item))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def prepare():
    psql("DROP DATABASE IF EXISTS bench", "postgres")
    psql("CREATE DATABASE bench", "postgres")
    psql("CREATE EXTENSION audit_ext")
    for name in ("floor.sql", "plpgsql.sql"):
        include(name)
    include("workload.sql", events=EVENTS)
    psql("""CREATE FUNCTION bench.milliseconds(p_sql text) RETURNS double precision LANGUAGE plpgsql AS $$
      DECLARE began timestamptz := clock_timestamp();
      BEGIN EXECUTE p_sql; RETURN extract(epoch FROM clock_timestamp() - began) * 1000; END $$""")
    psql(f"CREATE FUNCTION bench.noop() RETURNS trigger LANGUAGE c AS '{os.environ['BENCH_NOOP']}', 'noop'")
    # A policy row per workspace, and warm caches in the catalog.
    psql(f"SELECT count(insert_audit_event({CALL})) FROM bench.given WHERE n <= 50")


def bulk(schema, rows="bench.given"):
    """Into a table without guards, one statement, with the ids and times that the extension would give."""
    return Variant(
        schema,
        f"INSERT INTO {schema}.events (id, created_at, changed_fields, {COLUMNS}) "
        f"SELECT id, clock_timestamp(), ARRAY['signed', 'title'], {COLUMNS} FROM {rows}",
        after=f"VACUUM {schema}.events;",
    )


def single_calls():
    ours = Variant("ours", f"SELECT count(insert_audit_event({CALL})) FROM bench.given", after="VACUUM audit_events;")
    loop = Variant("loop", f"""DO $do$ DECLARE g bench.given; BEGIN FOR g IN SELECT * FROM bench.given LOOP
        PERFORM insert_audit_event({', '.join('g.' + c.strip() for c in CALL.split(','))}); END LOOP; END $do$""", after="VACUUM audit_events;")
    migration = Variant("migration", f"SELECT count(migration.insert_audit_event({CALL})) FROM bench.given WHERE n <= {EVENTS} / 10",
                        after="VACUUM migration.events, migration.sequence;")
    floor, control = bulk("floor"), bulk("control")
    alternate([ours, loop, floor, control, migration])
    work = f"insert_audit_event, {EVENTS} in one transaction"
    told(work, "SELECT insert_audit_event(...) FROM", "bulk INSERT into the floor", ratio(ours.samples, floor.samples), "<= 1.1")
    told(work, "PL/pgSQL loop", "bulk INSERT into the floor", ratio(loop.samples, floor.samples))
    told(work, "PL/pgSQL migration", "insert_audit_event", ratio([10 * s for s in migration.samples], ours.samples), ">= 12")
    told(work, "control", "bulk INSERT into the floor", ratio(control.samples, floor.samples), "A/A")
    # The first event of a workspace makes its policy.
    first, known = (Variant(name, f"SELECT count(insert_audit_event('A', 'r', NULL, {workspace}, gen_random_uuid())) FROM generate_series(1, 5000)",
                            after="VACUUM audit_events, audit_retention_policies") for name, workspace in (("first", "gen_random_uuid()"), ("known", "'00000000-0000-4000-8000-000000000001'")))
    alternate([first, known])
    told("insert_audit_event, 5000 in one transaction", "each the first of its workspace", "of a known workspace", ratio(first.samples, known.samples))


def batches():
    ours = Variant("ours", "SELECT count(*) FROM bench.batches, insert_audit_events(events)", after="VACUUM audit_events;")
    single = Variant("single", f"SELECT count(insert_audit_event({CALL})) FROM bench.given", after="VACUUM audit_events;")
    record = "action_type text, resource_type text, resource_id uuid, workspace_id uuid, created_by_user_id uuid, old_values jsonb, new_values jsonb, ip_address inet, user_agent text"
    floor = Variant("floor", f"""INSERT INTO floor.events (id, created_at, changed_fields, {COLUMNS})
        SELECT bench.id_of(row_number() OVER ()), clock_timestamp(), ARRAY['signed', 'title'], {COLUMNS}
        FROM bench.batches, jsonb_to_recordset(events) AS e ({record})""", after="VACUUM floor.events;")
    alternate([ours, single, floor])
    work = f"insert_audit_events, {EVENTS} in batches of 1000"
    told(work, "insert_audit_events", "INSERT ... SELECT FROM jsonb_to_recordset into the floor", ratio(ours.samples, floor.samples), "<= 1.2")
    told(work, "insert_audit_events", "insert_audit_event per event", ratio(ours.samples, single.samples), "<= 1")
    # The policy that appears with a workspace's first event changes the catalog for the backend that is in the midst of the batch.
    first = Variant("first", "SELECT count(*) FROM bench.first_batch, insert_audit_events(events)", after="VACUUM audit_events, audit_retention_policies;")
    known = Variant("known", "SELECT count(*) FROM bench.known_batch, insert_audit_events(events)", after="VACUUM audit_events;")
    for table, workspace in (("first_batch", "md5('nobody knows it')"), ("known_batch", "(SELECT workspace_id FROM bench.given WHERE n = 1)")):
        psql(f"""CREATE TABLE IF NOT EXISTS bench.{table} AS SELECT jsonb_agg(event || jsonb_build_object('workspace_id', {workspace}::uuid)) AS events
          FROM (SELECT event FROM bench.batches, jsonb_array_elements(events) AS event LIMIT 10000) AS chosen""")
    alternate([first, known])
    told("insert_audit_events, 10000 in one batch", "of a new workspace", "of a known one", ratio(first.samples, known.samples), "<= 1.1")


def raw_inserts():
    psql("CREATE SCHEMA IF NOT EXISTS guarded")
    psql("""CREATE TABLE IF NOT EXISTS guarded.events (LIKE floor.events INCLUDING ALL) PARTITION BY RANGE (created_at);
      CREATE TABLE IF NOT EXISTS guarded.events_all PARTITION OF guarded.events DEFAULT;
      CREATE OR REPLACE TRIGGER noop BEFORE INSERT ON guarded.events FOR EACH ROW EXECUTE FUNCTION bench.noop()""")
    copy = SCRATCH / "events.copy"
    copy.touch(mode=0o666)
    copy.chmod(0o666)
    psql(f"COPY (SELECT {COLUMNS} FROM bench.given) TO '{copy}'")
    floor_copy = SCRATCH / "floor.copy"
    floor_copy.touch()
    floor_copy.chmod(0o666)
    psql(f"COPY (SELECT id, clock_timestamp(), ARRAY['signed', 'title'], {COLUMNS} FROM bench.given) TO '{floor_copy}'")
    insert = Variant("insert", f"INSERT INTO audit_events ({COLUMNS}) SELECT {COLUMNS} FROM bench.given", after="VACUUM audit_events;")
    copied = Variant("copy", f"COPY audit_events ({COLUMNS}) FROM '{copy}'", after="VACUUM audit_events;")
    into = lambda schema: Variant(f"copy {schema}", f"COPY {schema}.events (id, created_at, changed_fields, {COLUMNS}) FROM '{floor_copy}'",
                                  after=f"VACUUM {schema}.events;")
    floor, guarded, floor_copied, guarded_copied = bulk("floor"), bulk("guarded"), into("floor"), into("guarded")
    alternate([insert, floor, guarded, copied, floor_copied, guarded_copied])
    told("INSERT ... SELECT with all guards", "audit_events", "floor", ratio(insert.samples, floor.samples), "<= 1.15")
    told("INSERT ... SELECT with all guards", "audit_events", "floor with a no-op native trigger", ratio(insert.samples, guarded.samples), "<= 1.1")
    told("COPY with all guards", "audit_events", "floor", ratio(copied.samples, floor_copied.samples), "<= 1.15")
    told("COPY with all guards", "audit_events", "floor with a no-op native trigger", ratio(copied.samples, guarded_copied.samples), "<= 1.1")


def transactions():
    given = "'UPDATE_DOCUMENT', 'document', '3d6f0a52-9d39-4b8e-8b1c-6f1f6f1c0001'::uuid, {ws}, '7a0c1b9e-52c4-4b0e-9d55-2b7a3c9d0007'::uuid, " \
            "'{{\"title\": \"Draft\", \"pages\": 3}}'::jsonb, '{{\"title\": \"Final\", \"pages\": 3}}'::jsonb, '203.0.113.7'::inet, 'Mozilla/5.0'"
    several = "('00000000-0000-4000-8000-' || lpad((:client_id)::text, 12, '0'))::uuid"
    one = "'00000000-0000-4000-8000-000000000001'::uuid"
    psql("SELECT count(insert_audit_event('A', 'r', NULL, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, gen_random_uuid())) FROM generate_series(0, 16) AS n")
    for where, workspace, counts in (("a workspace per client", several, (1, 16)), ("all on one workspace", one, (16,))):
        scripts = {}
        values = given.format(ws=workspace)
        for name, sql in {
            "ours": f"SELECT insert_audit_event({values})",
            "floor": f"INSERT INTO floor.events (id, created_at, changed_fields, {COLUMNS}) VALUES (gen_random_uuid(), clock_timestamp(), '{{title}}', {values}) RETURNING id",
            "control": f"INSERT INTO control.events (id, created_at, changed_fields, {COLUMNS}) VALUES (gen_random_uuid(), clock_timestamp(), '{{title}}', {values}) RETURNING id",
            "migration": f"SELECT migration.insert_audit_event({values})",
        }.items():
            scripts[name] = str(SCRATCH / f"{name}.sql")
            Path(scripts[name]).write_text(sql + ";\n")
        # On one workspace the migration refuses events: one that waited for the workspace's row finds a newer one there.
        if workspace == one:
            del scripts["migration"]
        for clients in counts:
            for synchronous in ("on", "off"):
                samples = pgbench_rounds(scripts, clients, synchronous)
                work = f"one event per transaction, {clients} clients, {where}, synchronous_commit {synchronous}"
                told(work, "transactions per second of ours", "INSERT ... RETURNING into the floor", ratio(samples["ours"], samples["floor"]), ">= 0.95, A/A")
                told(work, "control", "INSERT ... RETURNING into the floor", ratio(samples["control"], samples["floor"]), "A/A")
                if "migration" in samples:
                    told(work, "PL/pgSQL migration", "INSERT ... RETURNING into the floor", ratio(samples["migration"], samples["floor"]))


def history(rows, months, workspaces, archive_by="event", database="bench", has_requests=False):
    """So many events in months that lie in the past, of workspaces of very uneven size, the largest with a sixth of all, and so their 2000 actors."""
    psql(f"""SET client_min_messages = warning;
      INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by)
        SELECT md5('tenant ' || n)::uuid, 3650, 3650, '{archive_by}' FROM generate_series(0, {workspaces} - 1) AS n ON CONFLICT DO NOTHING;
      INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
        SELECT date_trunc('month', now()) - n * interval '1 month', 'FIRST', 'month', md5('month ' || n)::uuid, md5('person')::uuid FROM generate_series(1, {months}) AS n;
      SELECT count(*) FROM create_past_audit_partitions(make_date(1970, 1, 1), current_date);
      INSERT INTO audit_events (created_at, {COLUMNS}{', request_id' if has_requests else ''})
        -- In days: fractions of months are not in order at the end of a February.
        SELECT began + (n::float / {rows}) * (date_trunc('month', now()) - began), 'UPDATE_DOCUMENT', 'document',
               md5('resource ' || n % 1000)::uuid, md5('tenant ' || floor({workspaces} * power(random(), 4)))::uuid, md5('person ' || floor(2000 * power(random(), 4)))::uuid,
               jsonb_build_object('title', 'Draft ' || n), jsonb_build_object('title', 'Final ' || n), '203.0.113.7', 'Mozilla/5.0'{", 'request ' || n" if has_requests else ''}
        FROM generate_series(1, {rows} - 1) AS n, (SELECT date_trunc('month', now()) - interval '{months} months') AS month (began);
      SELECT count(*) FROM create_past_audit_partitions(make_date(1970, 1, 1), current_date); VACUUM ANALYZE audit_events""", database)


def p95(sql, calls=400, database="bench"):
    """Milliseconds in which 95 of 100 calls answer, each for a workspace or resource of its own."""
    return float(psql(f"SELECT bench.p95($timed${sql}$timed$, {calls})", database).strip())


P95 = """CREATE FUNCTION bench.p95(p_sql text, p_calls int) RETURNS double precision LANGUAGE plpgsql AS $$
  DECLARE began timestamptz; took double precision[]; n int;
  BEGIN
    FOR n IN 1 .. p_calls LOOP
      began := clock_timestamp();
      EXECUTE p_sql USING md5('tenant ' || n % 1000)::uuid, md5('resource ' || n)::uuid;
      took := took || extract(epoch FROM clock_timestamp() - began) * 1000;
    END LOOP;
    RETURN (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY t) FROM unnest(took[p_calls / 10:]) AS t);
  END $$"""


def trail():
    rest = "deleted_at IS NULL AND created_at > now() - interval '1000 days' ORDER BY created_at DESC, id DESC LIMIT 100"
    ways = {
        "100 newest of a workspace": ("SELECT * FROM get_audit_trail($1, p_days_back => 1000)", f"SELECT * FROM audit_events WHERE workspace_id = $1 AND {rest}"),
        "100 newest of a resource": ("SELECT * FROM get_audit_trail($1, NULL, $2, p_days_back => 1000)",
                                     f"SELECT * FROM audit_events WHERE workspace_id = $1 AND resource_id = $2 AND {rest}"),
    }
    sizes = [int(size) for size in os.environ.get("BENCH_TRAIL", "1000000,10000000").split(",")]
    small = {}
    for size in sizes:
        # A second load would be before the newest events of its workspaces: each size is a trail of its own.
        prepare()
        psql(P95)
        history(size, 24, 1000)
        for what, (ours, hand) in ways.items():
            samples = {"ours": [], "hand": [], "control": []}
            for _ in range(ROUNDS):
                samples["ours"].append(p95(ours))
                samples["hand"].append(p95(hand))
                samples["control"].append(p95(hand))
            told(f"{what}, {size} events in 24 months, p95", "get_audit_trail", "SQL on the best index", ratio(samples["ours"], samples["hand"]), "<= 1.3")
            told(f"{what}, {size} events in 24 months, p95", "control", "SQL on the best index", ratio(samples["control"], samples["hand"]), "A/A")
            if what in small:
                told(f"{what}, p95", f"{size} events", f"{sizes[0]} events", ratio(samples["ours"], small[what]), "<= 1.2")
            small.setdefault(what, samples["ours"])


def search():
    measure_search(told, prepare, history)


def export():
    measure_export(told, prepare, history)


def person():
    measure_person(told, prepare, history)


def indexes():
    measure_indexes(told, prepare, history)


def stream():
    measure_stream(told, prepare, history)


def months():
    """Two hundred and forty months of partitions against three: in the same server, one database each."""
    prepare_months()
    databases = {"few": "bench", "many": "bench_months", "ahead": "bench_ahead"}
    works = {
        "insert_audit_event, 20000 in one transaction": f"SELECT count(insert_audit_event({CALL})) FROM bench.given WHERE n <= 20000",
        "capture, UPDATE of 5000 rows": "UPDATE bench.captured SET n = n + 1 WHERE n <= 5000",
    }
    for work, sql in works.items():
        few, many = (Variant(name, sql, after="VACUUM audit_events, bench.captured", database=databases[name]) for name in ("few", "many"))
        alternate([few, many])
        told(work, "240 months of partitions", "3 months", ratio(many.samples, few.samples), "<= 1.1")
    samples = {name: [] for name in databases}
    for round_ in range(ROUNDS):
        for name in sorted(databases, reverse=round_ % 2 == 1):
            samples[name].append(p95("SELECT * FROM get_audit_trail($1)", database=databases[name]))
    told("100 newest of a workspace, p95", "240 months of partitions", "3 months", ratio(samples["many"], samples["few"]), "<= 1.1")
    # An event may lie in any month of the future, so each is looked into.
    told("100 newest of a workspace, p95", "120 months ahead", "2 months ahead", ratio(samples["ahead"], samples["few"]))
    samples = {name: [] for name in databases}
    for round_ in range(ROUNDS):
        for name in sorted(databases, reverse=round_ % 2 == 1):
            samples[name].append(p95("SELECT * FROM search_audit_events($1, p_user_ids => ARRAY[$2])", database=databases[name]))
    told("search for an actor in thirty days, p95", "240 months of partitions", "3 months", ratio(samples["many"], samples["few"]), "<= 1.1")
    for name in ("bench_months", "bench_ahead"):
        psql(f"DROP DATABASE {name}", "postgres")


def prepare_months():
    prepare()
    psql(P95)
    include("capture.sql", rows=5000)
    for name in ("bench_months", "bench_ahead"):
        psql(f"CREATE DATABASE {name} TEMPLATE bench", "postgres")
    psql("""SET client_min_messages = warning;
      INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
      SELECT now() - n * interval '1 month', 'OLD', 'r', gen_random_uuid(), gen_random_uuid() FROM generate_series(1, 236) AS n;
      SELECT count(*) FROM create_past_audit_partitions(make_date(1970, 1, 1), current_date)""", "bench_months")
    psql("SELECT count(*) FROM create_monthly_audit_partition(120)", "bench_ahead")
    for database in ("bench", "bench_months", "bench_ahead"):
        psql("""SELECT count(insert_audit_event('A', 'r', NULL, md5('tenant ' || n % 1000)::uuid, gen_random_uuid())) FROM generate_series(1, 200000) AS n;
          VACUUM ANALYZE audit_events""", database)


def capture():
    """Changes of many rows in one statement, on a table that is tracked, one that is not (twice), and one with a trigger in PL/pgSQL that records the same."""
    rows = 50000
    include("capture.sql", rows=rows)
    # One event in bulk into the floor is the measure of what recording a row must cost.
    floor = bulk("floor")
    for work, sql in {
        "INSERT": f"INSERT INTO bench.{{}} SELECT * FROM bench.rows_of({rows + 1}, {2 * rows})",
        "UPDATE": "UPDATE bench.{} SET n = n + 1, name = name || '.'",
        "DELETE": "DELETE FROM bench.{}",
    }.items():
        plain, control, captured, logged = (
            Variant(table, sql.format(table), after=f"VACUUM bench.{table}, audit_events, bench.log") for table in ("plain", "control", "captured", "logged"))
        floor.samples.clear()
        alternate([plain, control, captured, logged, floor])
        per_row = lambda variant: [(a - b) / rows for a, b in zip(variant.samples, plain.samples)]
        per_event = [sample / EVENTS for sample in floor.samples]
        work = f"capture, {work} of {rows} rows, added per row"
        told(work, "tracked table", "one event of a bulk INSERT into the floor", ratio(per_row(captured), per_event), "<= 1.0")
        told(work, "jsonb trigger in PL/pgSQL", "tracked table", ratio(per_row(logged), per_row(captured)), ">= 6")
        told(work, "control", "one event of a bulk INSERT into the floor", ratio(per_row(control), per_event), "A/A: 0")


def capture_single():
    """One row changed per transaction."""
    rows = 50000
    include("capture.sql", rows=rows)
    scripts = {}
    for table in ("captured", "plain", "control", "logged"):
        scripts[table] = str(SCRATCH / f"update_{table}.sql")
        Path(scripts[table]).write_text(f"\\set n random(1, {rows})\nUPDATE bench.{table} SET n = n + 1 WHERE id = bench.key(:n);\n")
    for synchronous in ("on", "off"):
        samples = pgbench_rounds(scripts, 1, synchronous)
        work = f"capture, UPDATE of one row per transaction, synchronous_commit {synchronous}"
        told(work, "transactions per second of the tracked table", "an untracked one", ratio(samples["captured"], samples["plain"]), ">= 0.90")
        told(work, "control", "an untracked one", ratio(samples["control"], samples["plain"]), "A/A")
        told(work, "jsonb trigger in PL/pgSQL", "an untracked one", ratio(samples["logged"], samples["plain"]))


def pgbench_rounds(scripts, clients, synchronous):
    """Transactions per second of each script, in every round."""
    os.environ["PGOPTIONS"] = f"-c synchronous_commit={synchronous}"
    samples = {name: [] for name in scripts}
    order = list(scripts)
    for round_ in range(ROUNDS):
        shift = round_ % len(order)
        for name in order[shift:] + order[:shift]:
            samples[name].append(pgbench(scripts[name], clients, SECONDS))
    del os.environ["PGOPTIONS"]
    return samples


def archive():
    """A month that changes sides against the same month moved row by row, and against SQL by hand without guards."""
    rows = int(os.environ.get("BENCH_ARCHIVE", "200000"))
    took = {"month": [], "rows": [], "hand": []}
    for round_ in range(max(3, ROUNDS // 5)):
        for way in took:
            prepare()
            history(rows, 1, 1000, "month" if way == "month" else "event")
            psql("UPDATE audit_retention_policies SET hot_retention_days = 1" if way != "month" else
                 "UPDATE audit_retention_policies SET hot_retention_days = 1, archive_by = 'month'")
            hand = """WITH gone AS (DELETE FROM hand.hot RETURNING *) INSERT INTO hand.cold SELECT * FROM gone"""
            if way == "hand":
                psql(f"""CREATE SCHEMA hand; CREATE TABLE hand.hot (LIKE audit_events INCLUDING CONSTRAINTS INCLUDING INDEXES); CREATE TABLE hand.cold (LIKE hand.hot INCLUDING ALL);
                    INSERT INTO hand.hot SELECT * FROM audit_events WHERE created_at < date_trunc('month', now()); VACUUM ANALYZE hand.hot""")
            sql = hand if way == "hand" else "SELECT archive_old_audit_events()"
            took[way].append(float(psql(f"SELECT bench.milliseconds($timed${sql}$timed$)").strip()))
    told(f"archive of a month of {rows} events", "row by row", "INSERT ... SELECT + DELETE by hand without guards", ratio(took["rows"], took["hand"]), "<= 1.3")
    told(f"archive of a month of {rows} events", "row by row", "the month changes sides", ratio(took["rows"], took["month"]), ">= 10")


def size():
    prepare()
    psql(f"SELECT count(insert_audit_event({CALL})) FROM bench.given")
    psql(f"SELECT count(migration.insert_audit_event({CALL})) FROM bench.given")
    psql("VACUUM audit_events, migration.events")
    total = lambda root: int(psql(f"SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = '{root}'::regclass").strip())
    ours, theirs = total("audit_events"), total("migration.events")
    told("bytes per event, heap and indexes", f"{ours / EVENTS:.0f}", f"PL/pgSQL migration, {theirs / EVENTS:.0f}", f"{ours / theirs:.2f}", "<= 1")


def cold():
    measure_cold(told, prepare, SCRATCH)


def carrying():
    measure_carrying(told, prepare, SCRATCH)


def imports():
    measure_import(told, prepare, SCRATCH)


def sealing():
    Sealing(told, prepare, include, COLUMNS, EVENTS, SECONDS, SCRATCH).run()


WORKLOADS = {work.__name__: work for work in (single_calls, batches, raw_inserts, transactions, capture, capture_single, months, size, archive, trail, search, indexes, export, person, imports, stream, cold, carrying, sealing)}


def main():
    chosen = sys.argv[1:] or list(WORKLOADS)
    prepare()
    version = psql("SELECT version()").split(",")[0]
    settings = psql("SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings WHERE name IN ('fsync', 'shared_buffers', 'synchronous_commit')").strip()
    print(f"# {version}; {os.cpu_count()} cores, {platform.machine()}; {settings}; {ROUNDS} rounds, {EVENTS} events\n", flush=True)
    for name in chosen:
        WORKLOADS[name]()
    print("\n| work | measured | against | ratio (95 % interval) | target |\n| --- | --- | --- | --- | --- |")
    for row in report:
        print("| " + " | ".join(row) + " |")


main()
