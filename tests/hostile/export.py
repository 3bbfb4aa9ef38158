#!/usr/bin/env python3
"""Reads an exported file with a reader that is not ours, and compares it with what is stored: export.py FORMAT FILE STORED."""

import csv
import ipaddress
import json
import re
import sys
from decimal import Decimal

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def parsed(text):
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def lines(file):
    """Of what psql wrote: only a line feed ends a line."""
    with open(file, encoding="utf-8", newline="\n") as text:
        return text.read().split("\n")[:-1]


def demand(condition, what, got, expected):
    if not condition:
        sys.exit(f"differs: {what}: {got!r} is not {expected!r}")


def same(what, got, expected):
    demand(got == expected, what, got, expected)


def ndjson(file, stored):
    *events, last = [parsed(line) for line in lines(file)]
    same("number", len(events), len(stored))
    for event, expected in zip(events, stored):
        same("event", event, {key: value for key, value in expected.items() if value is not None and key != "as_text"} | kept_nulls(expected))
    end = last["audit_export"]
    same("count", end["event_count"], len(events))
    same("last", end["last_event_id"], events[-1]["id"])


def kept_nulls(expected):
    """A document that is the JSON null is a value, and NULL is none."""
    return {key: None for key, text in zip(("old_values", "new_values", "metadata"), expected["as_text"]) if text == "null"}


def rows_of(file):
    with open(file, encoding="utf-8", newline="") as text:
        return list(csv.reader(text, strict=True))


def as_fields(expected):
    old, new, metadata, changed, tags, _ = expected["as_text"]
    texts = {**expected, "old_values": old, "new_values": new, "metadata": metadata, "changed_fields": changed, "tags": tags, "is_archived": "f"}
    return {key: value or "" for key, value in texts.items() if key != "as_text"}


def csv_(file, stored, guarded=False):
    header, *rows = rows_of(file)
    same("number", len(rows), len(stored))
    for row, expected in zip(rows, stored):
        fields = as_fields(expected)
        same("header", header, list(fields))
        for key, got, given in zip(header, row, fields.values()):
            same(key, got, "'" + given if guarded and given.startswith(FORMULA) else given)
            demand(not guarded or not got.startswith(FORMULA), key, got, "no formula")


def ocsf(file, stored):
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    schema, validators = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.6.0")), {}
    events = lines(file)
    same("number", len(events), len(stored))
    for text, expected in zip(events, stored):
        # For the validator, numbers as floats; for us, as they are.
        plain, event = json.loads(text), parsed(text)
        uid = plain["class_uid"]
        if uid not in validators:
            validators[uid] = jsonschema.Draft202012Validator(schema.get_class_schema(schema.lookup_class_name_from_uid(uid)))
        for error in validators[uid].iter_errors(plain):
            sys.exit(f"not valid: {error.json_path}: {error.message[:300]}")
        same("type", event["type_uid"], event["class_uid"] * 100 + event["activity_id"])
        told = event["metadata"]
        same("metadata", (told["uid"], told["event_code"], told["tenant_uid"], told["original_time"], told.get("correlation_uid")),
             (expected["id"], expected["action_type"], expected["workspace_id"], expected["created_at"], expected["request_id"]))
        same("actor", event["actor"]["user"]["uid"], expected["created_by_user_id"])
        same("agent", event.get("http_request", {}).get("user_agent"), expected["user_agent"])
        same("fields", event.get("unmapped", {}).get("changed_fields"), expected["changed_fields"])
        if uid == 3004:
            same("entity", event["entity"].get("data"), expected["old_values"])
            same("result", event.get("entity_result", {}).get("data"), expected["new_values"])


def valid(file, stored):
    """OCSF alone: lines of events that are not stored any more."""
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.6.0"))
    for text in lines(file):
        plain = json.loads(text)
        of_class = schema.get_class_schema(schema.lookup_class_name_from_uid(plain["class_uid"]))
        for error in jsonschema.Draft202012Validator(of_class).iter_errors(plain):
            sys.exit(f"not valid: {error.json_path}: {error.message[:300]}")
        stored.append(plain)


def unescaped(text, letters):
    return re.sub(r"\\(.)", lambda found: letters.get(found[1], found[1]), text, flags=re.S)


def cef(file, stored):
    import pycef

    events, read_by_others = lines(file), 0
    same("number", len(events), len(stored))
    for line, expected in zip(events, stored):
        # It knows no escapes.
        if "\\" not in line and "=" not in expected["action_type"]:
            found = pycef.parse(line)
            same("read by pycef", (found["DeviceProduct"], found["Severity"], found["externalId"], found["suid"], found["workspace"]), ("audit_ext", "3", expected["id"], expected["created_by_user_id"], expected["workspace_id"]))
            read_by_others += 1
        demand("\r" not in line, "line", line, "one line")
        *header, extension = re.match(r"CEF:0\|" + r"((?:[^|\\]|\\.)*)\|" * 6 + r"(.*)$", line).groups()
        same("name", unescaped(header[3], {}), re.sub("[\r\n]", " ", expected["action_type"]))
        keys = list(re.finditer(r"(?:^| )(\w+)=", re.sub(r"\\.", "__", extension)))
        fields = {}
        for key, after in zip(keys, keys[1:] + [None]):
            fields[key[1]] = unescaped(extension[key.end() : after.start() if after else len(extension)], {"n": "\n", "r": "\r"})
        texts = dict(zip(("cs1", "cs2", "cs3", "cs4", "cs5", "cs6"), (expected["workspace_id"], expected["resource_type"], expected["resource_id"], expected["request_id"], *expected["as_text"][3:5])))
        texts |= {"externalId": expected["id"], "suid": expected["created_by_user_id"], "act": expected["action_type"], "requestClientApplication": expected["user_agent"]}
        for key, given in texts.items():
            same(key, fields.get(key), given)
        address = fields.get("src", fields.get("c6a2"))
        demand((address is None) == (expected["as_text"][5] is None) and (address is None or ipaddress.ip_address(address) == ipaddress.ip_address(expected["as_text"][5])), "address", address, expected["as_text"][5])
    demand(read_by_others > len(stored) // 10, "read by pycef", read_by_others, "a tenth of all")


def ecs(file, stored):
    events = lines(file)
    same("number", len(events), len(stored))
    for line, expected in zip(events, stored):
        event = parsed(line)
        own = event["audit"]
        told = (event["@timestamp"], event["event"]["id"], event["event"]["action"], event["organization"]["id"], event["user"]["id"], event.get("user_agent", {}).get("original"), event.get("http", {}).get("request", {}).get("id"),
                own["resource"]["type"], own.get("old_values"), own.get("new_values"), own.get("metadata"), own.get("changed_fields"))
        same("event", told, tuple(expected[key] for key in ("created_at", "id", "action_type", "workspace_id", "created_by_user_id", "user_agent", "request_id", "resource_type", "old_values", "new_values", "metadata", "changed_fields")))


def main():
    sys.setrecursionlimit(100000)
    name, file, stored = sys.argv[1:]
    stored = [parsed(line) for line in lines(stored)]
    {"valid": valid, "ndjson": ndjson, "csv": csv_, "csv_safe": lambda *given: csv_(*given, guarded=True), "ocsf": ocsf, "cef": cef, "ecs": ecs}[name](file, stored)
    print(f"{len(stored)} events")


main()
