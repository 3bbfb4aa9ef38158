"""What carrying a month to cold storage costs the program audit-cold and its session, and how fast DuckDB reads the file."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from cold import COLUMNS, LEAF, ONCE, alternated, archived
from measure import ROUNDS, psql, ratio
from sealing import private

# The packages that tests/lib/cold.sh fetches.
READERS = os.environ.get("COLD_READERS", "")
OBJECTS = 5000


class Session(threading.Thread):
    """Watches the program's session in the database: the COPY that it sends, and its private memory over that of its beginning, in kB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.copy, self.grown, self.over = None, 0, threading.Event()

    def run(self):
        pid = None
        while pid is None and not self.over.wait(0.02):
            pid = psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'audit-cold'").strip() or None
        status = Path(f"/proc/{pid}/status")
        first, asked = private(status), 0.0
        while not self.over.wait(0.02):
            self.grown = max(self.grown, private(status) - first)
            if self.copy is None and time.monotonic() > asked:
                asked = time.monotonic() + 0.1
                self.copy = psql(f"SELECT query FROM pg_stat_activity WHERE pid = {pid} AND query LIKE 'COPY (%'").strip() or None


def carried(database, folder, *words):
    """Seconds of the processor that the program takes, and its memory at the peak in MiB."""
    command = [os.environ["PGBIN"] + "/audit-cold", *words, "--database", f"dbname={database}", "--store", f"file://{folder}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)}: {said[-400:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def exported(folder, watch=False):
    """An export of a copy of the database, which is dropped again: seconds, memory, and the session that was watched."""
    psql("CREATE DATABASE bench_export TEMPLATE bench", "postgres")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    session = Session()
    if watch:
        session.start()
    took = carried("bench_export", folder, "export")
    session.over.set()
    return *took, session


def dropped():
    psql("DROP DATABASE bench_export", "postgres")


def measure_carrying(told, prepare, scratch):
    """A month of one workspace goes into a file and is read back; a month with five times as many events needs no more memory for it."""
    size = int(os.environ.get("BENCH_COLD", "200000"))
    folder = scratch / "store"
    peaks = {}
    for events in (size, 5 * size):
        prepare()
        psql(ONCE)
        archived(events)
        _, peaks[events], session = exported(folder, watch=True)
        dropped()
        told(f"export of {events} events of a month", f"audit-cold: {peaks[events]:.0f} MiB at its peak", "", "", "<= 128")
        told(f"export of {events} events of a month", f"its session: {session.grown / 1024:.1f} MiB more than before", "", "", "<= 8")
        if events == size:
            programs(told, size, folder)
            servers(told, size, session.copy)
            readers(told, size, folder)
    told(f"memory of audit-cold for {5 * size} events", f"{peaks[5 * size]:.0f} MiB", f"for {size} events", f"{peaks[5 * size] / peaks[size]:.2f}", "<= 1.15")


def programs(told, size, folder):
    """The program's own time, alternating with a copy of the same bytes by psql to nowhere."""
    samples = {name: [] for name in ("export", "check", "copy")}
    for _ in range(max(3, ROUNDS // 3)):
        samples["export"].append(exported(folder)[0])
        samples["check"].append(carried("bench_export", folder, "check", "--deep")[0])
        dropped()
        samples["copy"].append(copied())
    here = f"{size} events of a month"
    for name, target in (("export", ">= 150,000 a second"), ("check", ">= 350,000 a second")):
        rate = ratio([size] * len(samples[name]), samples[name]).median
        told(f"{name} of {here}", f"audit-cold {name}{' --deep' if name == 'check' else ''}: {rate:,.0f} events a second of the client's processor",
             "psql: COPY ... TO STDOUT (FORMAT binary) to nowhere", ratio(samples[name], samples["copy"]), target)
    file = next(folder.rglob("*.parquet"))
    inside = int(psql(f"SELECT pg_total_relation_size('{LEAF}')").strip())
    told(f"bytes of {here}, each", f"{file.stat().st_size / size:.0f} in the file", f"{inside / size:.0f} in heap and indexes", f"{file.stat().st_size / inside:.3f}", "<= 0.12")


def copied():
    command = [os.environ["PGBIN"] + "/psql", "-Xq", "-d", "bench", "-c", f"COPY {LEAF} ({COLUMNS}) TO STDOUT (FORMAT binary)"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("COPY failed")
    return usage.ru_utime + usage.ru_stime


def servers(told, size, copy):
    """The statement that the program was seen to send, in processor time of its backend."""
    if copy is None:
        raise SystemExit("the export was too short to be watched; take more events")
    nowhere = lambda sql: sql.replace("TO STDOUT", "TO '/dev/null'")
    ways = {"ours": nowhere(copy), "plain": f"COPY {LEAF} ({COLUMNS}) TO '/dev/null' (FORMAT binary)"}
    ways["control"] = ways["plain"]
    samples = alternated(ways, "SELECT 1")
    here = f"{size} events of a month"
    rate = ratio([1000 * size] * len(samples["ours"]), samples["ours"]).median
    told(f"export of {here}, the server's part", f"the COPY of audit-cold: {rate:,.0f} events a second", "COPY of the whole partition in binary form", ratio(samples["ours"], samples["plain"]), "<= 1.05")
    told(f"export of {here}, the server's part", "control", "COPY of the whole partition in binary form", ratio(samples["control"], samples["plain"]), "A/A")


READ = """
import duckdb, statistics, sys, time
file, many, resource, event, path = sys.argv[1:]
def milliseconds(sql):
    duckdb.sql(sql).fetchall()
    taken = []
    for _ in range(7):
        began = time.process_time()
        duckdb.sql(sql).fetchall()
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken)
print("of a resource", milliseconds(f"SELECT * FROM '{file}' WHERE resource_id = '{resource}'"))
print("the newest 100", milliseconds(f"SELECT * FROM '{file}' ORDER BY created_at DESC, id DESC LIMIT 100"))
print("one by its id", milliseconds(f"SELECT * FROM '{file}' WHERE id = '{event}'"))
print("all of one file by its path, of 5,000", milliseconds(f"SELECT * FROM '{path}'"))
print("all of 5,000 files", milliseconds(f"SELECT count(*), max(created_at) FROM read_parquet('{many}/**/*.parquet', hive_partitioning = true)"))
"""


def readers(told, size, folder):
    """DuckDB, in processor time of all its threads, so that other work on the machine does not count: medians of seven, from the cache of the disk."""
    file = next(folder.rglob("*.parquet"))
    many = folder.parent / "many"
    shutil.rmtree(many, ignore_errors=True)
    for object_ in range(OBJECTS):
        place = many / f"workspace={object_}"
        place.mkdir(parents=True)
        os.link(small(folder), place / "2024-02.parquet")
    resource = psql("SELECT md5('resource 7')::uuid").strip()
    event = psql(f"SELECT id FROM {LEAF} ORDER BY created_at OFFSET {size // 2} LIMIT 1").strip()
    environment = {**os.environ, "PYTHONPATH": READERS}
    done = subprocess.run([sys.executable, "-c", READ, str(file), str(many), resource, event, str(many / "workspace=7" / "2024-02.parquet")], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    for line in done.stdout.splitlines():
        what, milliseconds = re.fullmatch(r"(.*) ([0-9.e-]+)", line).groups()
        told(f"DuckDB reads of a file of {size} events", what, "", f"{float(milliseconds):.0f} ms of the processor")


def small(folder):
    """A file of 100 events, which readers see 5,000 times."""
    target = folder.parent / "small.parquet"
    if not target.exists():
        source = next(folder.rglob("*.parquet"))
        code = "import duckdb, sys; duckdb.sql(f\"COPY (SELECT * FROM '{sys.argv[1]}' LIMIT 100) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\")"
        subprocess.run([sys.executable, "-c", code, str(source), str(target)], check=True, env={**os.environ, "PYTHONPATH": READERS})
    return target
