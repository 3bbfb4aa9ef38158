"""What an export costs, in processor time: against SQL by hand that gives the same lines."""

import os

from measure import ROUNDS, microseconds_each, psql, ratio
from searching import CPU, cpu

COLUMNS = "id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata"


def lines(select):
    """A statement that makes lines which nobody keeps."""
    return f"SELECT count(length(line)) FROM (SELECT {select} AS line OFFSET 0) AS lines"


def json_by_hand(rows):
    """The same of rows, as lines of JSON."""
    return f"SELECT count(length(line)) FROM (SELECT json_strip_nulls(row_to_json(event))::text AS line FROM ({rows}) AS event OFFSET 0) AS lines"


def measure_export(told, prepare, history):
    """All events of a trail of one workspace, as lines that nobody keeps."""
    size = int(os.environ.get("BENCH_EXPORT", "200000"))
    prepare()
    psql(CPU)
    history(size, 6, 1)
    tenant = "md5('tenant 0')::uuid"
    events = int(psql(f"SELECT count(*) FROM audit_events WHERE workspace_id = {tenant}").strip())
    ours = lambda format_: lines(f"export_audit_events({tenant}, p_format => '{format_}')")
    rows = f"SELECT {COLUMNS}, false AS is_archived FROM audit_events WHERE workspace_id = {tenant} AND deleted_at IS NULL ORDER BY created_at, id"
    ways = {name: ours(name) for name in ("ndjson", "csv", "csv_safe", "ocsf", "cef", "ecs")}
    ways["json by hand"] = json_by_hand(rows)
    ways["csv by hand"] = f"COPY ({rows}) TO '/dev/null' (FORMAT csv, HEADER)"
    samples = {name: [] for name in ways}
    for _ in range(max(3, ROUNDS // 3)):
        for name, sql in ways.items():
            samples[name].append(cpu(sql, 1))
    here = f"{events} events in 6 months"
    told(f"export of {here}", "ndjson", "json_strip_nulls(row_to_json(...))", ratio(samples["ndjson"], samples["json by hand"]), "<= 1")
    told(f"export of {here}", "csv", "COPY ... TO '/dev/null' (FORMAT csv)", ratio(samples["csv"], samples["csv by hand"]))
    for name, taken in samples.items():
        told(f"export of {here}: microseconds per event", name, "", microseconds_each(taken, events), {"ndjson": "<= 9.8", "csv": "<= 4.9", "ocsf": "<= 15"}.get(name, ""))


def measure_person(told, prepare, history):
    """The answer to the busiest person of a trail of many workspaces."""
    size = int(os.environ.get("BENCH_EXPORT", "200000"))
    prepare()
    psql(CPU)
    history(size, 6, 1000)
    person = "md5('person 0')::uuid"
    concerned = f"deleted_at IS NULL AND (created_by_user_id = {person} OR resource_id = {person})"
    events, workspaces = map(int, psql(f"SELECT count(*) || ' ' || count(DISTINCT workspace_id) FROM audit_events WHERE {concerned}").split())
    rows = f"SELECT {COLUMNS}, false AS is_archived FROM audit_events WHERE {concerned} ORDER BY created_at, id"
    hand = json_by_hand(rows)
    ways = {"ours": lines(f"export_person_audit_events({person}, 'GDPR', 'BENCH-1')"), "hand": hand, "control": hand}
    samples = {name: [] for name in ways}
    for _ in range(max(3, ROUNDS // 3)):
        for name, sql in ways.items():
            samples[name].append(cpu(sql, 1))
    here = f"the {events} events of a person in {workspaces} workspaces, of {size} in 6 months"
    told(here, "export_person_audit_events", "json_strip_nulls(row_to_json(...)) of one scan", ratio(samples["ours"], samples["hand"]))
    told(here, "control", "the same", ratio(samples["control"], samples["hand"]), "A/A")
    told(f"{here}: microseconds per event", "export_person_audit_events", "", microseconds_each(samples["ours"], events), "<= 16.7")
