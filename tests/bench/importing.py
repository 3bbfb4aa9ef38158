"""What an import costs, in processor time: against COPY of the same rows into the same tables, with a commit each."""

import os

from measure import ROUNDS, microseconds_each, psql, ratio, spent

COLUMNS = "created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent"


def measure_import(told, prepare, scratch):
    """A history of six months and twenty workspaces; each run has workspaces of its own, so that no event is before a newer one."""
    size = int(os.environ.get("BENCH_IMPORT", "200000"))
    prepare()
    psql(f"""CREATE TABLE bench.source AS SELECT n::text AS source_id, date_trunc('month', now()) - interval '6 months' + (n::float / {size + 1}) * interval '180 days' AS created_at,
        'UPDATE_DOCUMENT' AS action_type, 'document' AS resource_type, md5('resource ' || n % 1000)::uuid AS resource_id, md5('tenant ' || n % 20)::uuid AS workspace_id,
        md5('person ' || n % 2000)::uuid AS created_by_user_id, jsonb_build_object('title', 'Draft ' || n, 'pages', 3) AS old_values, jsonb_build_object('title', 'Final ' || n, 'pages', 3) AS new_values,
        inet '203.0.113.7' AS ip_address, 'Mozilla/5.0' AS user_agent FROM generate_series(1, {size}) AS n;
      SET client_min_messages = warning;
      SELECT count(*) FROM create_past_audit_partitions((now() - interval '7 months')::date, current_date)""")
    file = scratch / "import.copy"
    file.touch()
    file.chmod(0o666)
    samples = {"ours": [], "copy": [], "control": []}
    for round_ in range(-1, max(3, ROUNDS // 3)):
        ways = list(samples)
        for way in ways[round_ % 3:] + ways[:round_ % 3]:
            taken = run(way, f"{way} {round_}", file)
            if round_ >= 0:
                samples[way].append(taken)
    here = f"import of {size} events of 20 workspaces in 6 months"
    told(here, "import_audit_events", "COPY into audit_events", ratio(samples["ours"], samples["copy"]), "<= 1.3")
    told(here, "control", "COPY into audit_events", ratio(samples["control"], samples["copy"]), "A/A")
    for way in ("ours", "copy"):
        told(f"{here}: microseconds per event", way, "", microseconds_each(samples[way], size))


def run(way, name, file):
    """Milliseconds of processor time of one session, in which all rows get in."""
    view = f"SELECT source_id, {COLUMNS.replace('workspace_id', f'''md5(workspace_id || '{name}')::uuid AS workspace_id''')} FROM bench.source"
    psql(f"CREATE OR REPLACE VIEW bench.of_run AS {view}; CHECKPOINT")
    if way == "ours":
        psql(f"CREATE TABLE IF NOT EXISTS bench.given_to_import AS TABLE bench.of_run WITH NO DATA; TRUNCATE bench.given_to_import; INSERT INTO bench.given_to_import TABLE bench.of_run; VACUUM ANALYZE bench.given_to_import")
    else:
        psql(f"COPY (SELECT {COLUMNS} FROM bench.of_run ORDER BY created_at) TO '{file}'")
    work = f"CALL import_audit_events('bench.given_to_import', '{name}')" if way == "ours" else f"COPY audit_events ({COLUMNS}) FROM '{file}'"
    return spent(f"{work};")
