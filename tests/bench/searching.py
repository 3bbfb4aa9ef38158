"""What a search costs, in processor time: against a page of the trail, and SQL by hand."""

import os

from measure import ROUNDS, SPENT, microseconds_each, psql, ratio, spent

CPU = f"""CREATE FUNCTION bench.cpu(p_sql text, p_calls int) RETURNS double precision LANGUAGE plpgsql AS $$
  DECLARE began bigint; n int;
  BEGIN
    EXECUTE p_sql;
    began := {SPENT};
    FOR n IN 1 .. p_calls LOOP EXECUTE p_sql; END LOOP;
    RETURN ({SPENT} - began) / 1e6 / p_calls;
  END $$"""


def cpu(sql, calls):
    """Milliseconds of processor time that a call takes, in a session that knows the tables: others at work on the machine do not count."""
    return float(psql(f"SELECT bench.cpu($timed${sql}$timed$, {calls})").strip())


def measure_search(told, prepare, history):
    """The largest workspace of a trail: its busiest actor, and one with a few events, against the page of the trail and SQL by hand."""
    size = int(os.environ.get("BENCH_SEARCH", "1000000"))
    prepare()
    psql(CPU)
    history(size, 24, 1000)
    tenant, busy, rare = ("md5('tenant 0')::uuid", "md5('person 0')::uuid", "md5('person 1999')::uuid")
    hand = lambda condition: f"SELECT * FROM audit_events WHERE workspace_id = {tenant} AND {condition} AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 100"
    found = lambda filters: f"SELECT * FROM search_audit_events({tenant}, '-infinity', {filters})"
    nowhere = "p_text => 'nowhere to be found'"
    ways = {
        "busy": (500, found(f"p_user_ids => ARRAY[{busy}]")), "busy by hand": (50, hand(f"created_by_user_id = {busy}")),
        "trail": (500, f"SELECT * FROM get_audit_trail({tenant}, p_days_back => 1000)"), "control": (500, f"SELECT * FROM get_audit_trail({tenant}, p_days_back => 1000)"),
        "rare": (10, found(f"p_user_ids => ARRAY[{rare}]")), "rare by hand": (3, hand(f"created_by_user_id = {rare}")),
        "text": (3, found(nowhere)), "text by hand": (3, hand("concat(old_values, new_values, metadata, user_agent) ILIKE '%nowhere to be found%'")),
    }
    samples = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (calls, sql) in ways.items():
            samples[name].append(cpu(sql, calls))
    keys = lambda filters: int(psql(f"SELECT sum(keys_to_read) FROM explain_audit_search({tenant}, '-infinity', {filters})").strip())
    here, read = f"{size} events in 24 months", keys(f"p_user_ids => ARRAY[{rare}]")
    told(f"100 newest of a busy actor, {here}", "search_audit_events", "100 newest of the workspace by get_audit_trail", ratio(samples["busy"], samples["trail"]), "<= 1.5")
    told(f"100 newest of a busy actor, {here}", "search_audit_events", "SQL by hand", ratio(samples["busy"], samples["busy by hand"]))
    told(f"100 newest of a workspace, {here}", "control", "get_audit_trail", ratio(samples["control"], samples["trail"]), "A/A")
    told(f"a rare actor, {here}", "search_audit_events", "SQL by hand", ratio(samples["rare"], samples["rare by hand"]))
    told(f"a rare actor, {here}: microseconds per key, {read} keys", "search_audit_events", "", microseconds_each(samples["rare"], read), "<= 0.25")
    told(f"a text that is nowhere, {here}", "search_audit_events", "SQL by hand", ratio(samples["text"], samples["text by hand"]))
    told(f"a text that is nowhere, {here}: microseconds per event, {keys(nowhere)} events", "search_audit_events", "", microseconds_each(samples["text"], keys(nowhere)))


def measure_indexes(told, prepare, history):
    """Searches of the largest workspace with the optional indexes, against the same searches before they are built."""
    size = int(os.environ.get("BENCH_SEARCH", "1000000"))
    prepare()
    psql(CPU)
    history(size, 24, 1000, has_requests=True)
    found = lambda filters: f"SELECT * FROM search_audit_events(md5('tenant 0')::uuid, '-infinity', {filters})"
    ways = {
        "actor": ("a rare actor", found("p_user_ids => ARRAY[md5('person 1999')::uuid]")), "action": ("an action that is nowhere", found("p_actions => '{NO_SUCH_ACTION}'")),
        "request_id": ("a request", found(f"p_request_id => 'request {size // 2}'")),
        "contains": ("a document", found(f"""p_contains => '{{"title": "Final {size // 2}"}}'""")),
    }
    before, control = ({kind: [] for kind in ways} for _ in range(2))
    for _ in range(ROUNDS):
        for kind, (_, sql) in ways.items():
            before[kind].append(cpu(sql, 3))
            control[kind].append(cpu(sql, 3))
    for kind, (what, sql) in ways.items():
        # What is built is undone, so that it can be measured again; then it is built for good.
        built = [spent(f"SELECT count(*) FROM audit_index('{kind}') \\g /dev/null", "BEGIN; ", " ROLLBACK;") for _ in range(3)]
        psql(f"SELECT count(*) FROM audit_index('{kind}')")
        after = [cpu(sql, 100) for _ in range(ROUNDS)]
        here = f"{what}, {size} events in 24 months"
        told(f"{here}: times as fast", f"with audit_index('{kind}')", "without", ratio(before[kind], after), "> 1")
        told(here, "control", "without", ratio(control[kind], before[kind]), "A/A")
        told(f"{here}: microseconds", f"with audit_index('{kind}')", "", microseconds_each(after, 1))
        told(f"building it for {size} events: microseconds per event", f"audit_index('{kind}')", "", microseconds_each(built, size), {"actor": "<= 2.9", "request_id": "<= 5.1"}.get(kind, ""))
