"""What evidence costs: recording with its columns, sealing, proofs and verification, against what others do in the same run.

Events a second are those of a second of the processor, so that other load does not count.
"""

import os
import re
import statistics
import subprocess
import threading
from pathlib import Path

from measure import ROUNDS, Variant, alternate, pgbench, psql, ratio

LONG = bool(os.environ.get("AUDIT_EXT_LONG"))
MANY = int(os.environ.get("BENCH_SEALED", "5000000" if LONG else "1000000"))
SPREAD = int(os.environ.get("BENCH_SPREAD", "1000000" if LONG else "100000"))
FEW = "SELECT count(insert_audit_event('UPDATE_DOCUMENT', 'document', NULL, md5('workspace ' || n % {workspaces})::uuid, md5('person')::uuid, " \
      "'{{\"title\": \"Draft\", \"pages\": 3}}', '{{\"title\": \"Final\", \"pages\": 3}}', '203.0.113.7', 'Mozilla/5.0')) FROM generate_series(1, {events}) AS n"


class Sealing:
    """The workload, with what workloads.py gives it: how a figure is told, a fresh database, the columns of an event and a folder."""

    def __init__(self, told, prepare, include, columns, events, seconds, scratch):
        self.told, self.prepare, self.include, self.columns, self.events, self.seconds, self.scratch = told, prepare, include, columns, events, seconds, scratch

    def run(self):
        self.include("sealing.sql")
        self.recording()
        self.writers()
        self.batches()
        self.spread()
        self.proofs_and_verification()

    def recording(self):
        """The columns and their index, in a table without triggers; the calls, against a table without them."""
        fields = f"id, created_at, changed_fields, {self.columns}"
        rows = f"SELECT id, clock_timestamp(), ARRAY['signed', 'title'], {self.columns}"
        plain, control = (Variant(name, f"INSERT INTO before.events ({fields}) {rows} FROM bench.given", after="VACUUM before.events;") for name in ("before", "control"))
        with_columns = Variant("columns", f"INSERT INTO sealed.events ({fields}, seal_key, seal_xid) {rows}, uuid_send(id), 4711 FROM bench.given", after="VACUUM sealed.events;")
        call = Variant("call", f"SELECT count(insert_audit_event({self.columns})) FROM bench.given", after="VACUUM audit_events;")
        alternate([plain, control, with_columns, call])
        work = f"recording {self.events} events in one transaction"
        baseline = "a table without the two columns and their index"
        self.told(work, "the same table with them", baseline, ratio(with_columns.samples, plain.samples), "A/A")
        self.told(work, "insert_audit_event()", baseline, ratio(call.samples, plain.samples), "<= 1.1")
        self.told(work, "control", baseline, ratio(control.samples, plain.samples), "A/A")

    def writers(self):
        """Eight writers, with a sealer every second, against a hash chain per workspace."""
        given = "'UPDATE_DOCUMENT', 'document', NULL::uuid, {ws}, '7a0c1b9e-52c4-4b0e-9d55-2b7a3c9d0007'::uuid, '{{\"title\": \"Draft\"}}'::jsonb, " \
                "'{{\"title\": \"Final\"}}'::jsonb, '203.0.113.7'::inet, 'Mozilla/5.0'"
        one, own = "'00000000-0000-4000-8000-000000000001'::uuid", "('00000000-0000-4000-8000-' || lpad((:client_id)::text, 12, '0'))::uuid"
        for where, workspace in (("all on one workspace", one), ("a workspace each", own)):
            values = given.format(ws=workspace)
            ours, chain = self.scratch / "sealed.sql", self.scratch / "chain.sql"
            ours.write_text(f"SELECT insert_audit_event({values});\n")
            chain.write_text(f"INSERT INTO chain.events (id, created_at, changed_fields, {self.columns}) VALUES (gen_random_uuid(), clock_timestamp(), '{{title}}', {values});\n")
            samples = {"sealed": [], "unsealed": [], "chain": []}
            for round_ in range(ROUNDS):
                for name in sorted(samples, reverse=round_ % 2 == 1):
                    with Sealer(name == "sealed"):
                        samples[name].append(pgbench(str(chain if name == "chain" else ours), 8, self.seconds))
            work = f"8 writers, {where}, transactions per second"
            self.told(work, "sealed every second", "a hash chain per workspace", ratio(samples["sealed"], samples["chain"]), "> 1")
            self.told(work, "sealed every second", "never sealed", ratio(samples["sealed"], samples["unsealed"]), "~ 1")

    def batches(self):
        """How long a seal takes, by what it finds."""
        psql("SELECT audit_seal()")
        rates, plain, idle, small = [], [], [], []
        for _ in range(max(3, ROUNDS // 5)):
            psql(f"SELECT count(insert_audit_event({self.columns})) FROM bench.given")
            plain.append(watched("SELECT plain.seal()")[0])
            rates.append(self.events / watched("SELECT audit_seal()")[0])
            idle.append(watched("SELECT audit_seal();\n" * 200, "SELECT audit_seal()")[0] * 1000 / 200)
            small.append(watched("SELECT audit_seal()", f"SELECT audit_seal(); {FEW.format(workspaces=100, events=1000)}")[0] * 1000)
        ours = [self.events / rate for rate in rates]
        work = f"sealing {self.events} events of 50 workspaces"
        self.told(work, f"audit_seal(), {statistics.median(rates):,.0f} events a second", "the leaves and roots in plain SQL", ratio(plain, ours), ">= 30,000 a second")
        self.told("an idle seal", f"{statistics.median(idle):.1f} ms of the processor", "", "", "3 ms")
        self.told("a seal of 1,000 events of 100 workspaces", f"{statistics.median(small):.1f} ms of the processor", "", "", "60 ms")

    def spread(self):
        """A workspace for each event: a row and a head for each."""
        self.prepare()
        psql("SELECT audit_seal()")
        psql(f"""INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values)
            SELECT 'CREATE_WORKSPACE', 'workspace', md5('spread ' || n)::uuid, md5('person')::uuid, '{{"title": "A"}}' FROM generate_series(1, {SPREAD}) AS n""")
        psql("CHECKPOINT")
        began = psql("SELECT pg_current_wal_lsn()").strip()
        took, _ = watched("SELECT audit_seal()")
        wal = int(psql(f"SELECT (pg_current_wal_lsn() - '{began}')::bigint").strip())
        self.told(f"sealing {SPREAD} events, one a workspace", f"{SPREAD / took:,.0f} events a second", "", "", ">= 20,000")
        self.told("its write-ahead log", f"{wal / SPREAD:.0f} bytes an event", "", "", "< 700")

    def proofs_and_verification(self):
        """A log of many events and one of a hundred: how fast they are sealed, proven, verified, and in how much memory."""
        self.prepare()
        psql("SELECT audit_seal()")
        part = 250000
        for _ in range(MANY // part):
            psql(f"INSERT INTO audit_events ({self.columns}) SELECT action_type, resource_type, resource_id, md5('large')::uuid, created_by_user_id, old_values, "
                 f"new_values, ip_address, user_agent FROM bench.given, generate_series(1, {part} / {self.events} + 1) LIMIT {part}")
        psql(FEW.format(workspaces=1, events=100).replace("workspace ", "small "))
        took, memory = watched("SELECT audit_seal()")
        self.told(f"sealing {MANY} events in one call", f"{MANY / took:,.0f} events a second, {memory} MB of memory", "", "", ">= 30,000, flat")
        events = MANY
        size = psql("SELECT pg_total_relation_size('audit_log_tiles')").strip()
        self.told("bytes of its log", f"{int(size) / events:.0f} an event", "", "", "50")
        psql("ANALYZE audit_events")
        for name, workspace, budget in ((f"a log of {MANY}", "md5('large')::uuid", "10 ms"), ("a log of 100", "md5('small 0')::uuid", "3 ms")):
            self.told(f"audit_event_proof, {name}", f"p95 {proof_p95(workspace):.1f} ms", "", "", budget)
        took, memory = watched("SELECT count(*) FROM audit_verify()")
        self.told(f"audit_verify(), {MANY} events", f"{MANY / took:,.0f} events a second, {memory} MB of memory", "", "", ">= 30,000, flat")
        self.outside()

    def outside(self):
        folder = self.scratch / "bundles"
        folder.mkdir(exist_ok=True)
        for name, argument in (("large.ndjson", "md5('large')::uuid"), ("root.ndjson", "NULL")):
            command = [os.environ["PGBIN"] + "/psql", "-XqAt", "-d", "bench", "-v", "FETCH_COUNT=10000", "-c", f"SELECT audit_export_log({argument})"]
            with open(folder / name, "wb") as out:
                subprocess.run(command, stdout=out, check=True)
        (folder / "alone").mkdir(exist_ok=True)
        os.replace(folder / "large.ndjson", folder / "alone" / "large.ndjson")
        process = subprocess.Popen([os.environ["PGBIN"] + "/audit-verify", str(folder / "alone" / "large.ndjson")], stdout=subprocess.PIPE)
        said = process.stdout.read().decode()
        _, _, usage = os.wait4(process.pid, 0)
        took = usage.ru_utime + usage.ru_stime
        verified = re.search(r"^events verified: (\d+)", said, re.MULTILINE)
        if not verified or int(verified.group(1)) != MANY:
            raise SystemExit(f"audit-verify did not verify {MANY} events: {said[-400:]}")
        self.told(f"audit-verify, {MANY} events", f"{MANY / took:,.0f} events a second, {usage.ru_maxrss // 1024} MB of memory", "", "", ">= 80,000, flat")


class Sealer:
    """A session that seals every second, while the block runs."""

    def __init__(self, wanted):
        self.wanted, self.process = wanted, None

    def __enter__(self):
        if self.wanted:
            command = [os.environ["PGBIN"] + "/psql", "-Xq", "-d", "bench", "-c", "CALL audit_keep_sealing('1 second')"]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def __exit__(self, *_):
        if self.process is None:
            return
        if self.process.poll() is not None:
            raise SystemExit(f"the sealer ended: {self.process.stderr.read().decode()}")
        self.process.terminate()
        self.process.wait()
        psql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'CALL audit_keep_sealing%'")


def proof_p95(workspace):
    return float(psql(f"""DO $do$ DECLARE began timestamptz; took double precision[]; event uuid;
      BEGIN
        FOR event IN SELECT id FROM audit_events WHERE workspace_id = {workspace} ORDER BY md5(id::text) LIMIT 400 LOOP
          began := clock_timestamp();
          PERFORM audit_event_proof(event);
          took := took || extract(epoch FROM clock_timestamp() - began) * 1000;
        END LOOP;
        PERFORM set_config('bench.p95', (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY t) FROM unnest(took) AS t)::text, false);
      END $do$; SELECT current_setting('bench.p95')""").strip())


def watched(sql, before="SELECT 1"):
    """Seconds of the processor that statements take, in a session that ran others before, and how many MB of its own its backend had more than before at most."""
    command = [os.environ["PGBIN"] + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", "bench"]
    session = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session.stdin.write(f"\\o /dev/null\n{before};\n\\o\nSELECT pg_backend_pid();\n")
    session.stdin.flush()
    status = Path(f"/proc/{session.stdout.readline().strip()}/status")
    most, over = [private(status)] * 2, threading.Event()

    def watch():
        while not over.wait(0.02):
            most[1] = max(most[1], private(status))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = spent(status)
    session.stdin.write(f"{sql};\nSELECT 'done';\n")
    session.stdin.flush()
    for line in session.stdout:
        if line.strip() == "done":
            break
    took = spent(status) - began
    over.set()
    watcher.join()
    session.stdin.close()
    if session.wait():
        raise SystemExit(f"failed: {sql}")
    return took, (most[1] - most[0]) // 1024


def spent(status):
    """Seconds of the processor that a process had so far."""
    return int((status.parent / "schedstat").read_text().split()[0]) / 1e9


def private(status):
    try:
        found = re.search(r"^RssAnon:\s+(\d+)", status.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0
