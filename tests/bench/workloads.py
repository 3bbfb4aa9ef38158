#!/usr/bin/env python3
"""The workloads, each against its baselines: workloads.py [NAME…]; called by tests/bench/run."""

import os
import platform
import sys
from pathlib import Path

from measure import ROUNDS, Variant, alternate, pgbench, psql, ratio

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
    import subprocess

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
        for clients in counts:
            for synchronous in ("on", "off"):
                os.environ["PGOPTIONS"] = f"-c synchronous_commit={synchronous}"
                samples = {name: [] for name in scripts}
                for round_ in range(ROUNDS):
                    order = list(scripts)
                    for name in order[round_ % 4:] + order[:round_ % 4]:
                        samples[name].append(pgbench(scripts[name], clients, SECONDS))
                del os.environ["PGOPTIONS"]
                work = f"one event per transaction, {clients} clients, {where}, synchronous_commit {synchronous}"
                told(work, "transactions per second of ours", "INSERT ... RETURNING into the floor", ratio(samples["ours"], samples["floor"]), ">= 0.95, A/A")
                told(work, "control", "INSERT ... RETURNING into the floor", ratio(samples["control"], samples["floor"]), "A/A")
                told(work, "PL/pgSQL migration", "INSERT ... RETURNING into the floor", ratio(samples["migration"], samples["floor"]))


WORKLOADS = {work.__name__: work for work in (single_calls, batches, raw_inserts, transactions)}


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
