"""The reference pages, made from the catalog of a database in which the extension was just installed."""

import difflib
import json
import os
import re
import subprocess

from page import ROOT

FOLDER = ROOT / "docs" / "reference"
DATABASE = "docs_reference"
MADE = "<!-- Made by `make docs` from {source}. Do not edit. -->\n"

# What a function is for. One that is in no group fails the test.
FUNCTIONS = {
    "Recording": ["insert_audit_event", "insert_audit_events", "import_audit_events", "audit_resource_id", "audit_event_id", "audit_event_time"],
    "Reading": ["get_audit_trail", "search_audit_events", "count_audit_events", "explain_audit_search", "export_audit_events", "export_person_audit_events", "audit_may_read", "audit_newest_event"],
    "Tracking tables": ["audit_track_table", "audit_untrack_table"],
    "Archive and retention": [
        "archive_old_audit_events", "archive_audit_events", "restore_audit_events", "explain_audit_retention", "audit_clear_unused_policies",
        "purge_expired_audit_events",
    ],
    "Erasure, requests and holds": [
        "delete_user_audit_events_compliant", "delete_person_audit_events", "request_audit_deletion", "request_audit_person_deletion", "request_audit_purge", "request_audit_offboarding", "approve_audit_deletion", "execute_audit_deletion",
        "reject_audit_deletion", "export_audit_deletions", "reapply_audit_deletions", "audit_deletion_certificate", "audit_scrub", "place_audit_hold", "release_audit_hold",
    ],
    "Cold storage": [
        "audit_cold_due", "audit_cold_coverage", "begin_audit_cold_object", "store_audit_cold_object", "release_audit_cold_object", "request_audit_cold_release",
        "restore_audit_cold_events", "return_audit_cold_loans", "erase_audit_cold_chunk", "replace_audit_cold_object", "discard_audit_cold_object",
        "confirm_audit_cold_removed", "report_audit_cold_check", "adopt_audit_cold_object",
    ],
    "Nodes of a Citus cluster": ["get_audit_trail_here", "audit_cluster_enable", "audit_cluster_health", "audit_cluster_retire", "audit_cluster_catch_up", "audit_cluster_count", "audit_cluster_page", "audit_cluster_position", "audit_cluster_newest", "audit_cluster_restore"],
    "Streams": ["create_audit_stream", "fetch_audit_stream", "ack_audit_stream", "resume_audit_stream", "drop_audit_stream"],
    "Evidence": [
        "audit_seal", "audit_keep_sealing", "audit_await_seal", "audit_checkpoint", "audit_consistency_proof", "audit_add_signatures", "audit_add_timestamp",
        "audit_event_proof", "audit_export_log", "audit_log_files", "audit_verify", "audit_adopt_events", "audit_begin_incarnation",
    ],
    "Operating": [
        "audit_setup", "audit_health", "audit_metrics", "audit_schedule_jobs", "create_monthly_audit_partition", "create_past_audit_partitions", "audit_index", "audit_unindex", "audit_grant",
        "audit_revoke", "audit_set_membership_source",
    ],
}

TABLES = {
    "Events": ["audit_events", "audit_events_archive"],
    "Evidence": ["audit_log_tiles", "audit_log_seals", "audit_log_incarnations", "audit_log_signatures"],
    "Deletion": ["audit_deletion_log", "audit_deletion_events", "audit_deletion_months", "audit_deletion_scrubs", "audit_deletion_requests", "audit_legal_holds"],
    "Idempotency keys": ["audit_idempotency_keys_1", "audit_idempotency_keys_2"],
    "Configuration": [
        "audit_retention_policies", "audit_access", "audit_membership_source", "audit_sequence_floors", "audit_tracking", "audit_imports", "audit_resource_salt", "audit_indexes",
    ],
    "Archive": ["audit_archive_runs", "audit_restored_events"],
    "Cold storage": ["audit_cold_objects", "audit_cold_chunks", "audit_cold_loans", "audit_cold_erasures"],
    "Action types": ["audit_action_types"],
    "Streams": ["audit_stream_definitions", "audit_stream_cursors"],
    "Nodes of a Citus cluster": ["audit_cluster_applied"],
    "Views": ["vw_security_audit", "audit_event_sequence", "partition_schedule", "audit_tracked_tables", "audit_streams"],
}

LEVELS = {
    "writer": "records events",
    "reader": "reads trails",
    "operator": "runs archive, partitions and tracking, and reads every table",
    "compliance": "erases, purges, approves, holds and sets policies, and reads every table",
    "streamer": "takes the events of streams whose reader it is",
    "monitor": "sees health and figures, and not one event",
    "gateway": "is the login of an API or pooler: the user of its request counts as the person",
    "service": "is a role that a gateway sets for requests of the server itself: it reads every workspace and decides nothing",
}

SETTERS = {"user": "anybody", "superuser": "superusers"}


def psql(*arguments):
    command = [os.environ["PGBIN"] + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments]
    environment = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout


def rows(query):
    # The settings are there once the library is.
    return json.loads(psql("-d", DATABASE, "-c", "LOAD 'audit_ext'", "-c", f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) AS found"))


class Installed:
    """A database with the extension, and a role of each access level."""

    def __enter__(self):
        self.__exit__()
        psql("-d", "postgres", "-c", f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        psql("-d", DATABASE, "-c", "CREATE EXTENSION audit_ext")
        definition = rows("SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = 'check_access_known'")[0]["text"]
        self.levels = re.findall(r"'(\w+)'", definition)
        for level in self.levels:
            psql("-d", DATABASE, "-c", f"CREATE ROLE docs_{level}", "-c", f"SELECT audit_grant('docs_{level}', '{level}')")
        return self

    def __exit__(self, *_):
        psql("-d", "postgres", "-c", f"DROP DATABASE IF EXISTS {DATABASE}")
        for role in psql("-d", "postgres", "-c", "SELECT rolname FROM pg_roles WHERE rolname ~ '^docs_'").split():
            psql("-d", "postgres", "-c", f"DROP ROLE {role}")


def rights():
    """Object and right to the levels that have it, by what the catalog says of roles that were given one level each."""
    found = rows("""
        SELECT relname AS object, acl.privilege_type AS right, substr(role.rolname, 6) AS level
        FROM pg_class, aclexplode(relacl) AS acl JOIN pg_roles AS role ON role.oid = acl.grantee
        WHERE relnamespace = 'public'::regnamespace AND role.rolname ~ '^docs_'
        UNION ALL
        SELECT proname, acl.privilege_type, substr(role.rolname, 6)
        FROM pg_proc, aclexplode(proacl) AS acl JOIN pg_roles AS role ON role.oid = acl.grantee
        WHERE pronamespace = 'public'::regnamespace AND role.rolname ~ '^docs_'""")
    table = {}
    for right in found:
        table.setdefault((right["object"], right["right"]), set()).add(right["level"])
    return table


def in_groups(groups, found, what):
    """Each group with what was found of it, in the group's order; everything is in a group and there."""
    listed = [name for names in groups.values() for name in names]
    strays, missing = sorted(set(found) - set(listed)), sorted(set(listed) - set(found))
    if strays or missing:
        raise SystemExit(f"tests/docs/reference.py: {what} without a group: {strays}; that are not there: {missing}")
    for group, names in groups.items():
        yield group, [found[name] for name in names]


def prose(text):
    """Words of the catalog, of which nothing is a mark of Markdown."""
    return text.replace("*", "\\*").replace("<", "\\<")


def cell(text):
    return prose(text).replace("|", "\\|").replace("\n", " ")


def levels_in_words(levels, order):
    return ", ".join(level for level in order if level in levels) or "the owner of the extension only"


# ---------------------------------------------------------------------------------------------------------------------


def signature(function):
    # Defaults are printed with their type, which was just told.
    arguments = [re.sub(r"(DEFAULT .*?)::[a-z\[\]]+$", r"\1", argument) for argument in function["arguments"]]
    body = "(\n  " + ",\n  ".join(arguments) + "\n)" if len(arguments) > 1 else "(" + ", ".join(arguments) + ")"
    result = f" -> {function['result']}" if function["result"] else ""
    return f"{function['name']}{body}{result}"


def paragraphs(comment):
    """The lines of a comment as paragraphs; those that begin with a name and a colon as a list."""
    listed = lambda names: "- " + re.sub(r"(\w+)", r"`\1`", names.group(1)) + ":"
    lines = [re.sub(r"^([a-z_]+(?:, [a-z_]+)*):", listed, prose(line)) for line in comment.split("\n")]
    out = ""
    for line, following in zip(lines, lines[1:] + [""]):
        out += line + ("\n" if line.startswith("- ") and following.startswith("- ") else "\n\n")
    return out.rstrip("\n") + "\n"


def functions_page(installed):
    found = rows("""
        SELECT p.proname AS name, obj_description(p.oid, 'pg_proc') AS comment, p.prorettype::regtype::text AS type,
          CASE WHEN p.prokind = 'p' THEN NULL ELSE pg_get_function_result(p.oid) END AS result,
          ARRAY(SELECT btrim(argument) FROM regexp_split_to_table(pg_get_function_arguments(p.oid), ', (?=p_|OUT |IN )') AS argument WHERE argument <> '') AS arguments
        FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.objid
        WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
          AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'audit_ext') AND p.proname !~ '^audit_ticket'
        ORDER BY 1""")
    held = rights()
    triggers = [function for function in found if function["type"] in ("trigger", "event_trigger")]
    callable_ = {function["name"]: function for function in found if function not in triggers}
    out = [
        "# Functions\n", MADE.format(source="the comments on functions and their rights"),
        "Parameters are bound by name over PostgREST and supabase-js; no function is overloaded. `audit_ticket` is text: `'GDPR-2026-001'`, a UUID and "
        "a JSON string all work. The same words are in the catalog: `\\df+ insert_audit_event`, `\\d+ audit_events`. [Errors](errors.md) says what the codes mean, [Access](access.md) who may do what.\n",
    ]
    for group, members in in_groups(FUNCTIONS, callable_, "functions"):
        out.append(f"## {group}\n")
        for function in members:
            comment, _, errors = function["comment"].partition("\nErrors: ")
            out.append(f"### {function['name']}\n\n```text\n{signature(function)}\n```\n")
            out.append(paragraphs(comment))
            out.append(f"**May be called by**: {levels_in_words(held.get((function['name'], 'EXECUTE'), ()), installed.levels)}.")
            out.append(f"\n**Errors**: {prose(errors)}\n" if errors else "")
    out.append("## Trigger functions\n\nThe extension puts them in place; nobody calls them.\n\n| function | what it does |\n| --- | --- |")
    out.extend(f"| `{trigger['name']}` | {cell(trigger['comment'].removeprefix('Trigger: ').removeprefix('Event trigger: '))} |" for trigger in triggers)
    return "\n".join(out).rstrip("\n") + "\n"


def columns_in_words(columns, model):
    """A table of the columns, or a line where they are those of a table told before."""
    names = lambda table: [(column["name"], column["type"]) for column in table]
    if columns is not model["columns"] and names(columns) == names(model["columns"]):
        return [f"Columns as in [{model['name']}](#{model['name']})."]
    if all(column["comment"] == "As in audit_events." for column in columns):
        return ["Columns as in [audit_events](#audit_events)."]
    lines = ["| column | type | meaning |", "| --- | --- | --- |"]
    for column in columns:
        default = f" Default `{cell(column['default'])}`." if column["default"] else ""
        required = ", not null" if column["required"] else ""
        lines.append(f"| `{column['name']}` | {column['type']}{required} | {cell(column['comment'] or '')}{default} |")
    return lines


def tables_page(installed):
    found = rows("""
        SELECT c.relname AS name, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment,
          (SELECT json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod), 'required', attnotnull,
            'default', pg_get_expr(adbin, adrelid), 'comment', col_description(c.oid, attnum)) ORDER BY attnum)
           FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
          ARRAY(SELECT conname FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c' ORDER BY conname) AS checks
        FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition""")
    held = rights()
    out = [
        "# Tables and views\n", MADE.format(source="the comments on tables and columns"),
        "All are in the schema of the extension. Their shape is the extension's own: DDL on them is refused. [Access](access.md) says who may read and "
        "write them.\n",
    ]
    for group, members in in_groups(TABLES, {table["name"]: table for table in found}, "tables"):
        out.append(f"## {group}\n")
        for table in members:
            out.append(f"### {table['name']}\n\n{prose(table['comment'])}\n")
            out.extend(columns_in_words(table["columns"], members[0]))
            if table["checks"]:
                out.append("\nConstraints: " + ", ".join(f"`{name}`" for name in table["checks"]) + ".")
            reading = held.get((table["name"], "SELECT"), set())
            out.append(f"\n**May be read by**: {levels_in_words(reading, installed.levels)}.\n")
    return "\n".join(out).rstrip("\n") + "\n"


def settings_page(_):
    found = rows("""SELECT name, vartype, unit, coalesce(boot_val, '') AS boot, context, short_desc, coalesce(extra_desc, '') AS extra_desc
        FROM pg_settings WHERE name ~ '^audit_ext[.]' ORDER BY context DESC, name""")
    out = [
        "# Settings\n", MADE.format(source="pg_settings"),
        "A setting is data, never a key: none of them grants anything, and malformed values are ignored. A misspelt name under `audit_ext.` is refused.\n",
        "| setting | type | default | set by | meaning |\n| --- | --- | --- | --- | --- |",
    ]
    for setting in found:
        kind = {"B": "bytes"}.get(setting["unit"], {"string": "text", "bool": "on or off"}.get(setting["vartype"], setting["vartype"]))
        out.append(
            f"| `{setting['name']}` | {kind} | {setting['boot'] or 'none'} | {SETTERS[setting['context']]} "
            f"| {cell(setting['short_desc'] + ' ' + setting['extra_desc']).strip()} |"
        )
    out.append("\nWhat these leave open is read from PostgREST: `request.jwt.claims` (`sub`) and `request.headers` (`x-forwarded-for`, `user-agent`, `x-request-id`).")
    return "\n".join(out) + "\n"


def access_page(installed):
    if sorted(installed.levels) != sorted(LEVELS):
        raise SystemExit(f"tests/docs/reference.py: levels are {installed.levels}")
    out = [
        "# Access levels\n", MADE.format(source="the rights of roles that were given one level each"),
        "`audit_grant(role, level)` gives a level and `audit_revoke(role, level)` takes it. Nobody has a right by default: what PUBLIC and default "
        "privileges would give is taken back. A role may have several levels.\n",
        "| level | a role that has it |\n| --- | --- |",
    ]
    out.extend(f"| `{level}` | {LEVELS[level]} |" for level in installed.levels)
    shown = [level for level in installed.levels if any(level in levels for levels in rights().values())]
    out.append("\nLevels without a column hold no rights of their own. The owner of the extension may do everything in the table, and what no level gives.\n")
    functions, tables = {}, {}
    for (name, right), levels in sorted(rights().items()):
        for level in levels:
            (functions if right == "EXECUTE" else tables).setdefault(name, {}).setdefault(level, []).append(right)
    for title, found, held in [("Functions", functions, lambda rights: "yes"), ("Tables and views", tables, ", ".join)]:
        out.append(f"## {title}\n\n| | " + " | ".join(shown) + " |\n| --- |" + " :-: |" * len(shown))
        for name, of in sorted(found.items()):
            out.append(f"| `{name}` | " + " | ".join(held(of[level]) if level in of else "" for level in shown) + " |")
        out.append("")
    return "\n".join(out).rstrip("\n") + "\n"


def undocumented_codes():
    """SQLSTATEs that the code gives and the page of errors does not list."""
    codes = re.findall(r'=> "([0-9A-Z]{5})"', (ROOT / "crates" / "core" / "src" / "sqlstate.rs").read_text(encoding="utf-8"))
    listed = re.findall(r"^\| ([0-9A-Z]{5}) \|", (FOLDER / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [f"errors.md does not list {code}" for code in codes if code not in listed + ["00000", "01000"]]


def own_events():
    """The events of the trail itself, by the file that describes them; the code names the same."""
    described = {}
    for line in (ROOT / "tests" / "docs" / "events.tsv").read_text(encoding="utf-8").splitlines():
        action, group, resource, meaning = line.split("\t")
        described[action] = (group, resource, meaning)
    named = set()
    for folder in ("src", "crates"):
        for file in (ROOT / folder).rglob("*.rs"):
            named |= set(re.findall(r'"(AUDIT_[A-Z_]*[A-Z])"', file.read_text(encoding="utf-8")))
    if named != set(described):
        raise SystemExit(f"tests/docs/events.tsv does not describe {sorted(named - set(described))}; nobody records {sorted(set(described) - named)}")
    return described


def events_page(_):
    out = [
        "# Events of the trail itself\n", MADE.format(source="tests/docs/events.tsv, which is compared with the code"),
        "Action types that begin with `AUDIT_` are the extension's own; a caller who uses one is refused (22023). Their workspace is the one concerned, or the "
        "nil UUID where there is none. `metadata -> 'audit_ext'` says who it was: `session_user`, `role`, and `authenticated_user` where SET SESSION "
        "AUTHORIZATION made the session somebody else's. Changes of configuration carry the old and new row.\n",
    ]
    described = own_events()
    for group in dict.fromkeys(group for group, _, _ in described.values()):
        out.append(f"## {group}\n\n| action_type | resource_type | recorded when |\n| --- | --- | --- |")
        out.extend(f"| `{action}` | `{resource}` | {meaning} |" for action, (of, resource, meaning) in described.items() if of == group)
        out.append("")
    out.append("## Tracked tables\n\n| action_type | resource_type | recorded when |\n| --- | --- | --- |")
    for action, when in [("INSERT", "a row is inserted"), ("UPDATE", "a row changes in a column that is recorded"), ("DELETE", "a row is deleted"),
                         ("TRUNCATE", "the table is emptied; one event for the statement")]:
        out.append(f"| `{action}` | the table's name, or `p_resource_type` | {when} |")
    return "\n".join(out) + "\n"


PAGES = {
    "functions.md": functions_page,
    "tables.md": tables_page,
    "settings.md": settings_page,
    "access.md": access_page,
    "events.md": events_page,
}


def generate():
    with Installed() as installed:
        return {file: page(installed) for file, page in PAGES.items()}


def differences():
    """Each page of the reference with what it says otherwise than the catalog."""
    for file, made in generate().items():
        path = FOLDER / file
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = difflib.unified_diff(written.splitlines(), made.splitlines(), file, "the catalog", lineterm="", n=0)
        yield file, list(lines)[:40]
    yield "errors.md", undocumented_codes()
