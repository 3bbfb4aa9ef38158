#!/usr/bin/env python3
"""Compares what readers say of a file with what SQL says of the events: compare.py EVENTS ROWS READER SAID. EVENTS is what events.sql prints, ROWS the same events as
COPY writes them in binary form, SAID what readers.py prints. Prints what is different, at most ten lines."""

import json
import struct
import sys

TEXT = ["id", "created_by_user_id", "action_type", "resource_type", "resource_id", "workspace_id", "old_values", "new_values", "ip_address", "user_agent", "request_id",
        "metadata", "deleted_by_user_id", "deletion_reason"]
KINDS = {**{name: "text" for name in TEXT}, "created_at": "time", "deleted_at": "time", "changed_fields": "list", "tags": "list", "seal_key": "bytes",
         "exact_row": "bytes", "seal_xid": "number"}
# No event is without these, and ClickHouse tells so.
REQUIRED = ("id", "created_at", "created_by_user_id", "action_type", "resource_type", "workspace_id")
# What each reader's users expect of such columns.
NATURAL = {
    "duckdb": {"text": "VARCHAR", "time": "TIMESTAMP WITH TIME ZONE", "list": "VARCHAR[]", "bytes": "BLOB", "number": "BIGINT"},
    "pyarrow": {"text": "string", "time": "timestamp[us, tz=UTC]", "list": "list<element: string>", "bytes": "binary", "number": "int64"},
    "polars": {"text": "String", "time": "Datetime(time_unit='us', time_zone='UTC')", "list": "List(String)", "bytes": "Binary", "number": "Int64"},
    # A number is a float there where it may be missing.
    "pandas": {"text": "str", "time": "datetime64[us, UTC]", "list": "object", "bytes": "object", "number": "int64"},
    "clickhouse": {"text": "Nullable(String)", "time": "Nullable(DateTime64(6, 'UTC'))", "list": "Array(Nullable(String))", "bytes": "Nullable(String)",
                   "number": "Nullable(Int64)"},
    "spark": {"text": "string", "time": "timestamp", "list": "array<string>", "bytes": "binary", "number": "bigint"},
}


def tuples(path):
    """The rows of a binary COPY, each as hexadecimal digits."""
    with open(path, "rb") as file:
        bytes_ = file.read()
    at = 19
    while bytes_[at : at + 2] != b"\xff\xff":
        end = at + 2
        for _ in range(struct.unpack_from(">h", bytes_, at)[0]):
            end += 4 + max(struct.unpack_from(">i", bytes_, end)[0], 0)
        yield bytes_[at:end].hex()
        at = end


def differences(events, rows, reader, said):
    types, found = said[0], said[1:]
    if list(types) != list(KINDS):
        order = sorted(KINDS, key=list(events[0]).index)
        if list(types) != order:
            yield f"columns: {list(types)} instead of {order}"
    for name, kind in types.items():
        natural = NATURAL[reader][KINDS[name]]
        if reader == "clickhouse" and name in REQUIRED:
            natural = natural.removeprefix("Nullable(")[:-1]
        if kind != natural:
            yield f"{name} is of type {kind} instead of {natural}"
    if len(events) != len(found):
        yield f"{len(found)} events instead of {len(events)}"
    for event, row, other in zip(events, rows, found):
        event = {**event, "exact_row": row if event["exact_row"] else None}
        for name, value in event.items():
            # ClickHouse has no array that is NULL.
            if other[name] != value and not (reader == "clickhouse" and KINDS[name] == "list" and not value and not other[name]):
                yield f"event {event['id']}: {name} is {str(other[name])[:200]} instead of {str(value)[:200]}"


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main(events, rows, reader, said):
    for number, difference in enumerate(differences(lines(events), list(tuples(rows)), reader, lines(said))):
        if number == 10:
            print("...")
            break
        print(difference)


if __name__ == "__main__":
    main(*sys.argv[1:])
