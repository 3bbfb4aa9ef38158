#!/usr/bin/env python3
"""Measures audit_ext and its peers on tables that are alike: run.py [PART…]; called by tests/bench/peers.sh."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django_app
import sqlalchemy_app
from measure import ROUNDS, pgbench_latencies, psql, ratio, spent

SECONDS = int(os.environ.get("BENCH_SECONDS", "2"))
SCRATCH = Path(os.environ["BENCH_SCRATCH"])
ROWS = 20000
# What records the changes of each table; plain and control have nothing.
PEERS = ["plain", "control", "audit_ext", django_app.NAME, sqlalchemy_app.NAME, "table_log", "periods"]
OWN_SERVER = ["logged_plain", "logged_control", "pgaudit"]
BASELINE = {name: "plain" for name in PEERS} | {name: "logged_plain" for name in OWN_SERVER}
SHAPE = ("(id uuid PRIMARY KEY, workspace_id uuid NOT NULL, name text, amount numeric(20, 2), created timestamptz, note text, n int, data jsonb)")
KEY = "('00000000-0000-4000-8000-' || lpad(({})::text, 12, '0'))::uuid"
ROW = (KEY + ", '10000000-0000-4000-8000-000000000001'::uuid, 'name ' || {}, 1.5, now(), 'some note of a row', 1, '{{\"a\": 1, \"b\": [1, 2, 3]}}'::jsonb")
NAMES = "id, workspace_id, name, amount, created, note, n, data"
CALL = ("'UPDATE_DOCUMENT', 'document', '3d6f0a52-9d39-4b8e-8b1c-6f1f6f1c0001'::uuid, " + KEY.format(":client_id") +
        ", '7a0c1b9e-52c4-4b0e-9d55-2b7a3c9d0007'::uuid, '{\"title\": \"Draft\", \"pages\": 3}'::jsonb, '{\"title\": \"Final\", \"pages\": 3}'::jsonb, '203.0.113.7'::inet, 'Mozilla/5.0'")
CALL_COLUMNS = "action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent"

report = []


def told(*cells):
    report.append(cells)
    print(" | ".join(cells), flush=True)


class On:
    """The server that a table is in, for the programs that are called."""

    def __init__(self, name):
        self.host = os.environ["LOGGED_SERVER"] if name in OWN_SERVER else os.environ["PGHOST"]

    def __enter__(self):
        self.before, os.environ["PGHOST"] = os.environ["PGHOST"], self.host

    def __exit__(self, *_):
        os.environ["PGHOST"] = self.before


def prepare():
    psql("CREATE DATABASE bench", "postgres")
    psql("CREATE EXTENSION audit_ext")
    django_app.install("bench")
    sqlalchemy_app.install("bench")
    for name in PEERS:
        psql(f"CREATE TABLE IF NOT EXISTS {name} {SHAPE}")
    psql("SELECT audit_track_table('audit_ext')")
    psql("CREATE EXTENSION table_log; SELECT table_log_init(5, 'public', 'table_log', 'public', 'table_log_log')")
    psql("""CREATE EXTENSION periods CASCADE;
      SELECT periods.add_system_time_period('periods'); SELECT periods.add_system_versioning('periods')""")
    with On("pgaudit"):
        psql("CREATE DATABASE bench", "postgres")
        psql("CREATE EXTENSION pgaudit")
        for name in OWN_SERVER:
            psql(f"CREATE TABLE {name} {SHAPE}")
    for name in BASELINE:
        with On(name):
            psql(f"INSERT INTO {name} ({NAMES}) SELECT {ROW.format('g', 'g')} FROM generate_series(1, {ROWS}) AS g; VACUUM ANALYZE {name}")
            kept(name)


def kept(name):
    """That each change is recorded: a peer that is set up wrong would be cheap."""
    counted = {"audit_ext": "audit_events WHERE resource_type = 'audit_ext'", django_app.NAME: "pghistoryevent", sqlalchemy_app.NAME: "activity", "table_log": "table_log_log", "periods": "periods_history"}
    if name not in counted:
        return
    if name == django_app.NAME:
        counted[name] = psql("SELECT relid::regclass FROM pg_stat_user_tables WHERE relname ILIKE '%rowevent%'").strip()
    before = int(psql(f"SELECT count(*) FROM {counted[name]}"))
    psql(f"UPDATE {name} SET n = n + 1 WHERE id = {KEY.format(1)}")
    if int(psql(f"SELECT count(*) FROM {counted[name]}")) <= before or (before == 0 and name != "periods"):
        raise SystemExit(f"{name} records nothing")


def alternated(names, work):
    """work(name) for each name in every round, each round beginning with another; one round before that does not count."""
    samples = {name: [] for name in names}
    for round_ in range(ROUNDS + 1):
        shift = round_ % len(names)
        for name in names[shift:] + names[:shift]:
            with On(name):
                taken = work(name)
            if round_:
                samples[name].append(taken)
    return samples


# What pgaudit is told to write, in the sessions that are measured.
LOGS = {"pgaudit": "SET pgaudit.log = 'write'; "}


def bulk():
    """Processor time that a row of a statement that changes many adds."""
    for work, sql in {
        "INSERT": f"INSERT INTO {{0}} ({NAMES}) SELECT {ROW.format('g', 'g').replace('{', '{{').replace('}', '}}')} FROM generate_series({ROWS + 1}, {2 * ROWS}) AS g",
        "UPDATE": "UPDATE {0} SET n = n + 1, name = name || '.'",
        "DELETE": "DELETE FROM {0}",
    }.items():
        samples = alternated(list(BASELINE), lambda name: spent(f"{sql.format(name)};", before=f"{LOGS.get(name, '')}BEGIN; ", after=f" ROLLBACK; VACUUM {name}"))
        for name, taken in samples.items():
            if name == BASELINE[name]:
                told(f"{work}, {ROWS} rows in one statement", name, f"{1000 * statistics.median(taken) / ROWS:.1f} us a row of a processor", "")
            else:
                added = [1000 * (a - b) / ROWS for a, b in zip(taken, samples[BASELINE[name]])]
                told(f"{work}, {ROWS} rows in one statement", name, f"adds {statistics.median(added):.1f} us a row", f"{ratio(taken, samples[BASELINE[name]])} of the plain table")


# A client has rows of its own, so that none waits for another's.
SCRIPTS = {
    "INSERT": f"\\set n :n + 1\nINSERT INTO {{0}} ({NAMES}) VALUES ({ROW.format('100000000 * (1 + :client_id) + :n', ':n').replace('{', '{{').replace('}', '}}')});\n",
    "UPDATE": f"\\set n random(1, 200)\nUPDATE {{0}} SET n = n + 1 WHERE id = {KEY.format('200 * :client_id + :n')};\n",
    "DELETE": f"\\set n :n + 1\nDELETE FROM {{0}} WHERE id = {KEY.format('100000000 * (1 + :client_id) + :n')};\n",
}


def single():
    """One row a transaction, one client."""
    measure_transactions(("INSERT", "UPDATE", "DELETE"), 1, list(BASELINE), SECONDS)


def clients():
    for count in (4, 16, 64):
        measure_transactions(("UPDATE",), count, list(BASELINE), SECONDS)
    for count in (16, 64):
        measure_transactions(("UPDATE",), count, PEERS, SECONDS, through_bouncer=True)


def measure_transactions(works, count, names, seconds, through_bouncer=False):
    for work in works:
        def run(name, work=work):
            script = SCRATCH / f"{work}_{name}.sql"
            script.write_text(SCRIPTS[work].format(name))
            fresh = f"DELETE FROM {name} WHERE id > {KEY.format(99999999)};"
            if work == "DELETE":
                fresh += f"INSERT INTO {name} ({NAMES}) SELECT {ROW.format('100000000 + g', 'g')} FROM generate_series(1, {seconds * 8000}) AS g;"
            # The triggers sleep meanwhile.
            if work != "UPDATE":
                psql(f"SET session_replication_role = replica; {fresh}")
            psql(f"VACUUM {name}")
            return latencies(script, count, seconds, name, through_bouncer)
        tell_latencies(f"{work}, one row a transaction, {count} clients" + (", through PgBouncer" if through_bouncer else ""), alternated(names, run))


def latencies(script, count, seconds, name, through_bouncer=False):
    options = {"PGOPTIONS": "-c pgaudit.log=write"} if name == "pgaudit" else {}
    if through_bouncer:
        # Named statements of a protocol level need a server of their own.
        return pgbench_latencies(str(script), count, seconds, SCRATCH, environment={"PGHOST": os.environ["BOUNCER"], "PGPORT": "6543"}, options=("-M", "simple", "-D", "n=0"))
    return pgbench_latencies(str(script), count, seconds, SCRATCH, environment=options, options=("-D", "n=0"))


def tell_latencies(work, samples, baselines=BASELINE):
    """Transactions a second against the baseline's, and in how many milliseconds so many of them were done."""
    rates = {name: [len(run) / SECONDS for run in runs] for name, runs in samples.items()}
    for name, runs in samples.items():
        done = sorted(latency for run in runs for latency in run)
        if not all(runs):
            raise SystemExit(f"{work}, {name}: no transaction was done within {SECONDS} s; set BENCH_SECONDS")
        percentiles = "; ".join(f"p{share * 100:g} {done[min(len(done) - 1, int(share * len(done)))] / 1000:.2f}" for share in (0.5, 0.95, 0.99, 0.999))
        told(work, name, f"{statistics.median(rates[name]):.0f} a second, ms: {percentiles}", f"{ratio(rates[name], rates[baselines[name]])} of {baselines[name]}'s")


def calls():
    """Recording by a call, against an INSERT into a table with the same columns and indexes, and the guide's own way to write one."""
    subprocess.run([os.environ["PGBIN"] + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "bench", "-f", str(Path(__file__).resolve().parents[1] / "sql/floor.sql")], check=True, stdout=subprocess.DEVNULL)
    psql(f"SELECT count(insert_audit_event('A', 'r', NULL, {KEY.format('n')}, gen_random_uuid())) FROM generate_series(0, 64) AS n")
    scripts = {
        "floor": f"INSERT INTO floor.events (id, created_at, changed_fields, {CALL_COLUMNS}) VALUES (gen_random_uuid(), clock_timestamp(), '{{title}}', {CALL}) RETURNING id;\n",
        "control": f"INSERT INTO control.events (id, created_at, changed_fields, {CALL_COLUMNS}) VALUES (gen_random_uuid(), clock_timestamp(), '{{title}}', {CALL}) RETURNING id;\n",
        "insert_audit_event()": f"SELECT insert_audit_event({CALL});\n",
    }
    for name, sql in scripts.items():
        (SCRATCH / f"{name}.sql").write_text(sql)
    for through_bouncer in (False, True):
        for count in (1, 4, 16, 64):
            samples = alternated(list(scripts), lambda name: latencies(SCRATCH / f"{name}.sql", count, SECONDS, name, through_bouncer))
            tell_latencies(f"one event a transaction, {count} clients" + (", through PgBouncer" if through_bouncer else ""), samples, dict.fromkeys(scripts, "floor"))


PARTS = {part.__name__: part for part in (bulk, single, clients, calls)}


def main():
    chosen = sys.argv[1:] or list(PARTS)
    prepare()
    print(f"# {psql('SELECT version()').split(',')[0]}; {os.cpu_count()} cores; {ROUNDS} rounds, {SECONDS} s a run\n", flush=True)
    for name in chosen:
        PARTS[name]()
    print("\n| work | table | figure | ratio (95 % interval) |\n| --- | --- | --- | --- |")
    for row in report:
        print("| " + " | ".join(row) + " |")


main()
