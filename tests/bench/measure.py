"""Measuring honestly on a noisy machine: variants alternate within one run, a control that equals the baseline tells how much is noise,
and a figure is a ratio with its interval, never a time."""

import os
import random
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))


def psql(sql, database="bench"):
    """What psql prints; an error ends the run."""
    command = [os.environ["PGBIN"] + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stderr}\nin: {sql[:400]}")
    return done.stdout


@dataclass
class Variant:
    """One way of doing the work: a statement whose time counts, what is set up before it and cleaned up after it."""

    name: str
    sql: str
    before: str = ""
    after: str = ""
    database: str = "bench"
    samples: list = field(default_factory=list)

    def run(self):
        """Milliseconds of the statement, which is rolled back."""
        timed = f"SELECT bench.milliseconds($timed${self.sql}$timed$)"
        printed = psql(f"SET client_min_messages = warning; {self.before} BEGIN; {timed}; ROLLBACK; {self.after}", self.database)
        self.samples.append(float(printed.strip().splitlines()[-1]))


# Processor time of the session's own process so far, in nanoseconds: others at work on the machine do not count.
SPENT = "split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint"


def spent(work, before="", after=""):
    """Milliseconds of processor time that statements take, in a session of their own."""
    printed = psql(f"SET client_min_messages = warning; {before}SELECT {SPENT} AS began \\gset\n{work}\nSELECT ({SPENT} - :began) / 1e6;{after}")
    return float(printed.strip().splitlines()[-1])


@dataclass
class Ratio:
    """A median with the interval that holds it with 95 % confidence (by resampling the rounds)."""

    median: float
    low: float
    high: float

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(ours, baseline):
    """Round by round, so that what disturbs a round disturbs both."""
    pairs = [a / b for a, b in zip(ours, baseline)]
    generator = random.Random(1)
    medians = sorted(statistics.median(generator.choices(pairs, k=len(pairs))) for _ in range(2000))
    return Ratio(statistics.median(pairs), medians[50], medians[1949])


def microseconds_each(taken, units):
    """Of runs in milliseconds, each of which did so many."""
    return ratio([1000 * milliseconds / units for milliseconds in taken], [1] * len(taken))


def alternate(variants, rounds=ROUNDS):
    """All variants in every round, each round beginning with another; one round before that does not count."""
    for variant in variants:
        variant.run()
        variant.samples.clear()
    for round_ in range(rounds):
        shift = round_ % len(variants)
        for variant in variants[shift:] + variants[:shift]:
            variant.run()


def pgbench(script, clients, seconds, database="bench", options=()):
    """Transactions per second."""
    command = [os.environ["PGBIN"] + "/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), "-f", script]
    done = subprocess.run([*command, *options, database], capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    return float(found.group(1))


def pgbench_latencies(script, clients, seconds, folder, environment=None, options=()):
    """Microseconds of each transaction, from when it was begun."""
    folder = tempfile.mkdtemp(dir=folder)
    command = [os.environ["PGBIN"] + "/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), "-f", script, "-l", "--log-prefix", folder + "/log", *options]
    done = subprocess.run([*command, "bench"], capture_output=True, text=True, check=False, env=os.environ | (environment or {}))
    # A script of which a client was refused ends with what the others did.
    if done.returncode or "failed" in done.stderr or "aborted" in done.stderr:
        raise SystemExit(f"{done.stdout}\n{done.stderr}")
    latencies = [int(line.split()[2]) for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    shutil.rmtree(folder)
    return latencies
