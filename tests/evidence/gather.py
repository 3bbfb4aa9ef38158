"""Puts what a live database gives away into a folder as other people's programs read it: gather.py FOLDER [PSQL ARGUMENT…].

The session is staff. In the folder are log.vkey and the sizes of the old checkpoint; workspace 1 is shown in full.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys

FOLDER, PSQL = sys.argv[1], sys.argv[2:]
ONE = "00000000-0000-4000-8000-000000000001"


def query(sql):
    """The one value of a query, or its rows."""
    return subprocess.run([*PSQL, "-XqAtc", sql], check=True, capture_output=True, text=True).stdout


def put(name, content):
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def put_files(folder, arguments):
    rows = query(f"SELECT path || ' ' || translate(encode(content, 'base64'), E'\\n', '') FROM audit_log_files({arguments})")
    for row in rows.splitlines():
        path, _, content = row.partition(" ")
        put(os.path.join(folder, path), base64.b64decode(content))


def text(function):
    """A text of several lines: psql adds a line end."""
    return query(f"SELECT {function}").removesuffix("\n")


def proof(old):
    head, _, note = text(f"audit_consistency_proof({old})").partition("\n\n")
    return head.splitlines()[1:], note


def entries():
    root = os.path.join(FOLDER, "root", "tile", "entries")
    for path in sorted(
        (os.path.join(base, name) for base, _, names in os.walk(root) for name in names),
        key=lambda path: os.path.relpath(path, root),
    ):
        data = open(path, "rb").read()
        while data:
            length = int.from_bytes(data[:2], "big")
            yield data[2 : 2 + length].decode()
            data = data[2 + length :]


def proofs():
    size, root = text("audit_checkpoint()").splitlines()[1:3]
    included = []
    # One event of each workspace, under the newest checkpoint: a receipt shows where its head stands.
    for event in query("SELECT DISTINCT ON (workspace_id) id FROM audit_events WHERE workspace_id <= '00000000-0000-4000-8000-000000000050' ORDER BY workspace_id, id DESC").split():
        receipt = json.loads(text(f"audit_event_proof('{event}')"))
        if receipt["checkpoint"].splitlines()[1] == size:
            included.append({"index": receipt["head_index"], "path": receipt["head_path"]})
    grown = []
    for old in query("SELECT root_size FROM audit_log_seals WHERE root_size > 0 ORDER BY 1").split()[:-1]:
        grown.append({"old": int(old), "root": text(f"audit_checkpoint({old})").splitlines()[2], "path": proof(old)[0]})
    assert len(included) > 5 and len(grown) > 5
    return {"entries": list(entries()), "size": int(size), "root": root, "inclusion": included, "consistency": grown}


put_files("root", "NULL")
put_files("workspace", f"'{ONE}'")
for workspace in query("SELECT DISTINCT workspace_id FROM audit_events ORDER BY 1 LIMIT 12").split():
    put(f"bundles/{workspace}.ndjson", query(f"SELECT audit_export_log('{workspace}')"))
put("bundles/root.ndjson", query("SELECT audit_export_log()"))
live, erased = query(
    f"SELECT (SELECT id FROM audit_events WHERE workspace_id = '{ONE}' AND action_type = 'FULL' AND deleted_at IS NULL LIMIT 1) || ' ' || "
    f"(SELECT id FROM audit_events WHERE workspace_id = '{ONE}' AND action_type = 'FULL' AND deleted_at IS NOT NULL LIMIT 1)"
).split()
for name, event, fields in [
    ("live", live, "NULL"),
    ("partial", live, "'{action_type,new_values}'"),
    ("none", live, "'{}'"),
    ("erased", erased, "NULL"),
]:
    put(f"receipts/{name}.json", text(f"audit_event_proof('{event}', {fields})"))
name, _, key = open(os.path.join(FOLDER, "log.vkey"), encoding="utf-8").read().strip().split("+", 2)
origin = text("audit_checkpoint()").splitlines()[0]
key_id = hashlib.sha256(origin.encode() + b"\n" + base64.b64decode(key)).hexdigest()[:8]
put("origin.vkey", f"{origin}+{key_id}+{key}")
old = query("SELECT size FROM audit_log_signatures WHERE kind = 'note' ORDER BY size LIMIT 1").strip()
put("old-checkpoint", text(f"audit_checkpoint({old})"))
put("request", text(f"audit_consistency_proof({old})"))
put("first-request", text("audit_consistency_proof(0)"))
put("head", json.loads(open(os.path.join(FOLDER, "workspace", "head"), encoding="utf-8").read())["head"])
put("proofs.json", json.dumps(proofs()))
