#!/usr/bin/env python3
"""Runs the SQL blocks of README.md, in order and in one session, and compares them with the output printed below them.

A ```sql block must raise no error. If a ```text block follows it directly, its output must be that text instead (errors included);
there, `...` stands for anything within a line, and a line of only `...` for any lines. A block whose first line is
`-- not run: reason` is listed and left out. Environment: PGBIN and the connection.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
MARK = "=== end of README block ==="
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"-- not run: *(.+)")


class Block:
    """A piece of SQL, the line it starts at, and the output expected of it, if any."""

    def __init__(self, line, sql):
        self.line, self.sql, self.expected = line, sql, None
        reason = NOT_RUN.match(sql)
        self.not_run = reason and reason.group(1).strip()


def blocks(text):
    found, previous_end, previous = [], 0, None
    for fence in FENCE.finditer(text):
        language, body = fence.groups()
        current = None
        if language == "sql":
            current = Block(text.count("\n", 0, fence.start()) + 2, body)
            found.append(current)
        elif language == "text" and previous and not text[previous_end : fence.start()].strip():
            previous.expected = body
        previous_end, previous = fence.end(), current
    return found


def outputs(to_run):
    """What psql prints for each block; a missing end means the session broke."""
    script = "".join(f"{block.sql}\n\\echo '{MARK}'\n" for block in to_run)
    psql = subprocess.run(
        [os.environ["PGBIN"] + "/psql", "-X", "-q", "-d", "readme"],
        input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PGTZ": "UTC"}, timeout=600, check=False,
    )
    return psql.stdout.split(MARK + "\n")


def lines(text):
    return [line.rstrip() for line in text.strip("\n").splitlines() if line.strip()]


def matches(expected, actual):
    """Blank lines and spaces at the ends of lines do not count."""
    pattern = ""
    for line in lines(expected):
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines(actual))) is not None


def verdict(block, output):
    """Why a block is wrong, or None."""
    if block.expected is not None:
        return None if matches(block.expected, output) else "another output than the README shows"
    return "an error" if re.search(r"^(ERROR|FATAL|PANIC):|^invalid command", output, re.MULTILINE) else None


def indented(title, text):
    print(f"    {title}:")
    for line in text.rstrip("\n").splitlines():
        print(f"    | {line}")


def main():
    found = blocks(README.read_text(encoding="utf-8"))
    to_run = [block for block in found if not block.not_run]
    maintenance = [os.environ["PGBIN"] + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres"]
    subprocess.run(
        [*maintenance, "-c", "SET client_min_messages = warning", "-c", "DROP DATABASE IF EXISTS readme",
         "-c", "CREATE DATABASE readme TEMPLATE template0"], check=True,
    )
    printed = outputs(to_run)
    for number, block in enumerate(to_run):
        if number >= len(printed) - 1:
            print(f"not ok readme/line {block.line} (the session ended before the block did)")
            indented("output", printed[-1])
            break
        problem = verdict(block, printed[number])
        if problem is None:
            print(f"ok readme/line {block.line}")
            continue
        print(f"not ok readme/line {block.line} ({problem})")
        if block.expected is not None:
            indented("README", block.expected)
        indented("output", printed[number])
    left_out = [block for block in found if block.not_run]
    for block in left_out:
        print(f"# readme/line {block.line} not run: {block.not_run}")
    print(f"# README.md: {len(to_run)} blocks run, {len(left_out)} not run")
    subprocess.run([*maintenance, "-c", "DROP DATABASE readme"], check=True)


if __name__ == "__main__":
    sys.exit(main())
