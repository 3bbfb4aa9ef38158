#!/usr/bin/env python3
"""Gives the events of files as lines of JSON that SQL takes rows from. It reads requests "FOLDER OBJECTS OUT", a line each: OBJECTS is a file of lines "OBJECT PATH", OUT
is where the events go. To each request it answers with a line, which is empty if all went well. It stays, because starting it takes longer than what it does."""

import json
import os
import sys

import pyarrow.parquet

JSON = ("old_values", "new_values", "metadata")
# Most files are asked for again, and none is changed under the same name but by tests.
known = {}


def text(name, value):
    # jsonb stays the text that it is: numbers of Python are not those of SQL.
    if name in JSON and value is not None:
        return value
    if isinstance(value, bytes):
        value = "\\x" + value.hex()
    return json.dumps(value.isoformat() if hasattr(value, "isoformat") else value)


def events(object_id, path):
    with open(path, "rb") as file:
        content = file.read()
    if known.get(object_id, (None,))[0] != content:
        lines = []
        for event in pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content)).read().to_pylist():
            event["object_id"] = object_id
            lines.append("{" + ", ".join(f'"{name}": {text(name, value)}' for name, value in event.items() if name != "exact_row") + "}\n")
        known[object_id] = content, lines
    return known[object_id][1]


def answer(folder, objects, out):
    with open(objects) as named, open(out, "w") as written:
        for line in named:
            object_id, path = line.split()
            written.writelines(events(object_id, os.path.join(folder, path)))


for request in iter(sys.stdin.readline, ""):
    try:
        answer(*request.split())
        print(flush=True)
    except Exception as error:
        print(str(error).replace("\n", " ") or type(error).__name__, flush=True)
