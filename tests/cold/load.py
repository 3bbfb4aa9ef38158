#!/usr/bin/env python3
"""Prints the events of files as lines of JSON that SQL takes rows from: load.py FOLDER reads lines "OBJECT PATH" from its input."""

import json
import os
import sys

import pyarrow.parquet

JSON = ("old_values", "new_values", "metadata")


def text(name, value):
    # jsonb stays the text that it is: numbers of Python are not those of SQL.
    if name in JSON and value is not None:
        return value
    if isinstance(value, bytes):
        value = "\\x" + value.hex()
    return json.dumps(value.isoformat() if hasattr(value, "isoformat") else value)


for line in sys.stdin:
    object_id, path = line.split()
    for event in pyarrow.parquet.ParquetFile(os.path.join(sys.argv[1], path)).read().to_pylist():
        event["object_id"] = object_id
        print("{" + ", ".join(f'"{name}": {text(name, value)}' for name, value in event.items() if name != "exact_row") + "}")
