#!/usr/bin/env python3
"""Opens files of cold storage as anybody would, without options: readers.py READER FILE prints the type of each column, then each event as a line of JSON, in the
order of the file. Times are microseconds since 1970, bytes are hexadecimal, everything else is as the reader gives it.

Some readers take the folders workspace=... and year=... of the path for columns more; these are left out."""

import json
import sys
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
OF_THE_PATH = ("workspace", "year")


def plain(value):
    if value is None or value != value:
        return None
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return (at - EPOCH) // timedelta(microseconds=1)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value


def with_duckdb(path):
    import duckdb

    found = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
    return dict(zip(found.columns, map(str, found.types))), (dict(zip(found.columns, row)) for row in found.fetchall())


def with_pyarrow(path):
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(path)
    return {field.name: str(field.type) for field in found.schema}, found.to_pylist()


def with_polars(path):
    import polars

    found = polars.read_parquet(path)
    return {name: str(kind) for name, kind in found.schema.items()}, found.to_dicts()


def with_pandas(path):
    import pandas

    found = pandas.read_parquet(path)
    missing = lambda value: None if not hasattr(value, "__len__") and pandas.isna(value) else value
    arrays = lambda value: list(value) if hasattr(value, "tolist") else value
    times = lambda value: value.to_pydatetime() if isinstance(value, pandas.Timestamp) else value
    rows = ({name: times(arrays(missing(value))) for name, value in row.items()} for row in found.to_dict("records"))
    return {name: str(kind) for name, kind in found.dtypes.items()}, rows


def with_clickhouse(path):
    import chdb

    described = chdb.query(f"DESCRIBE TABLE file('{path}')", "JSONEachRow").bytes().decode()
    types = {row["name"]: row["type"] for row in map(json.loads, described.splitlines())}
    shown = {"DateTime": "toUnixTimestamp64Micro({0}) AS {0}"}
    columns = ", ".join(next((form for kind, form in shown.items() if kind in types[name]), "{0}").format(name) for name in types)
    # Bytes are a String there.
    columns = columns.replace("seal_key", "lower(hex(seal_key)) AS seal_key").replace("exact_row", "lower(hex(exact_row)) AS exact_row")
    found = chdb.query(f"SELECT {columns} FROM file('{path}') SETTINGS output_format_json_quote_64bit_integers = 0", "JSONEachRow").bytes().decode()
    return types, (json.loads(line) for line in found.splitlines())


def with_spark(path):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    found = spark.read.parquet(path)
    times = lambda value: value.astimezone(timezone.utc) if isinstance(value, datetime) else value
    return dict(found.dtypes), [{name: times(value) for name, value in row.asDict().items()} for row in found.collect()]


def main(reader, path):
    types, rows = globals()["with_" + reader](path)
    columns = [name for name in types if name not in OF_THE_PATH]
    print(json.dumps({name: types[name] for name in columns}))
    for row in rows:
        print(json.dumps({name: plain(row[name]) for name in columns}, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
