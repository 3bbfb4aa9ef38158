"""What a stream costs, in processor time: a fetch against SQL by hand that gives the same lines of the same events, found by their ids."""

import os

from exporting import COLUMNS, json_by_hand
from measure import ROUNDS, microseconds_each, psql, ratio
from searching import CPU, cpu

BATCH = 10_000


def measure_stream(told, prepare, history):
    """A batch of a trail of few workspaces, of one where each head has one event, and of a log ten times as large."""
    size = int(os.environ.get("BENCH_STREAM", "200000"))
    rounds = max(3, ROUNDS // 3)
    small = None
    for rows in (size // 10, size):
        prepare()
        psql(CPU)
        history(rows, 6, 20)
        psql("DO $$ BEGIN CREATE ROLE bench_siem; EXCEPTION WHEN duplicate_object THEN NULL; END $$; SELECT audit_grant('bench_siem', 'streamer'); SELECT sealed_count FROM audit_seal();")
        formats = ("json", "ocsf", "cef", "ecs")
        psql("".join(f"SELECT create_audit_stream('{name}', 'bench_siem', '{name}', p_from => '-infinity');" for name in formats))
        # As far behind as the log is large.
        skipped = rows // 2 // BATCH
        psql("".join(f"SELECT count(*) FROM fetch_audit_stream('{name}', {BATCH}, {batch});" for name in formats for batch in range(skipped)))
        fetch = lambda name: f"SELECT count(length(payload)) FROM fetch_audit_stream('{name}', {BATCH}, {skipped})"
        psql("".join(fetch(name) + ";" for name in formats))
        psql("CREATE TABLE bench.wanted AS SELECT event_id, (payload::json ->> 'created_at')::timestamptz AS at FROM fetch_audit_stream('json')")
        hand = json_by_hand(f"SELECT {COLUMNS}, false AS is_archived FROM bench.wanted JOIN audit_events ON id = event_id AND created_at = at")
        ways = {name: f"SELECT count(length(payload)) FROM fetch_audit_stream('{name}')" for name in formats} | {"by hand": hand, "control": hand}
        samples = {name: [] for name in ways}
        for _ in range(rounds):
            for name, sql in ways.items():
                samples[name].append(cpu(sql, 1))
        if small is None:
            small = samples
            continue
        here = f"a batch of {BATCH} events of {rows} in 20 workspaces"
        told(here, "fetch_audit_stream, json", "json_strip_nulls(row_to_json(...)) of the same ids", ratio(samples["json"], samples["by hand"]), "<= 1")
        told(here, "control", "the same", ratio(samples["control"], samples["by hand"]), "A/A")
        told(here, f"a log of {rows}", f"a log of {rows // 10}", ratio(samples["json"], small["json"]), "<= 1.2")
        for name in formats:
            told(f"{here}: microseconds per event", name, "", microseconds_each(samples[name], BATCH), {"json": "<= 20", "ocsf": "<= 15"}.get(name, ""))
    spread(told, prepare, rounds)


def spread(told, prepare, rounds):
    """Each head added one event."""
    prepare()
    psql(CPU)
    psql(f"""INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values)
        SELECT 'UPDATE_DOCUMENT', 'document', md5('tenant ' || n)::uuid, md5('person')::uuid, jsonb_build_object('title', 'Draft ' || n) FROM generate_series(1, {BATCH}) AS n;
        SELECT audit_grant('bench_siem', 'streamer'); SELECT sealed_count FROM audit_seal(); SELECT create_audit_stream('json', 'bench_siem', p_from => '-infinity')""")
    fetch = f"SELECT count(length(payload)) FROM fetch_audit_stream('json', {BATCH})"
    psql(fetch)
    taken = [cpu(fetch, 1) for _ in range(rounds)]
    told(f"a batch of {BATCH} events of as many workspaces: microseconds per event", "json", "", microseconds_each(taken, BATCH), "<= 20")
