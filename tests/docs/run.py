#!/usr/bin/env python3
"""Executes the manual: run.py [PAGE]...

The `sql` and `bash` blocks of a page run in order, in one psql session and a fresh database of the page's own. A block must raise no error; if a
`text` block follows it directly, it must print that text instead (errors included). There `...` stands for anything within a line, a line of only
`...` for any lines, and an id or time for any other. `make` in a bash block is only asked what it would do: it builds for minutes, and CI runs what it does elsewhere. What runs one test, and looks into it,
is run on PostgreSQL 18, with the build that is tested; so the page about tests is executed there only.
The pages of docs/reference must be what generate.py makes now. Environment: PGBIN and the connection.
"""

import os
import re
import subprocess
import sys
import tempfile

import lint
import reference
from page import ROOT, pages

MARK = "=== end of block ==="
# The version that single tests are run on, where nobody asks for another: the page about tests shows what they print there.
TESTED_ON = "18"
SHELL = f"""set -euo pipefail
# What other people read files of cold storage with.
export PYTHONPATH='{ROOT}/.toolchain/cold' PYTHONDONTWRITEBYTECODE=1
export EXAMPLES='{ROOT}/examples'
# Beside the server that somebody looks into.
export AUDIT_EXT_KEPT=$PWD/kept
# Beside the outputs of the run of tests that this is a part of.
export AUDIT_EXT_OUT=$PWD/out
make() {{
    if [[ "$*" =~ ^(psql|log|stop|(test|accept|debug)" T="(golden|isolation)/[a-z_]+)$ && $PGVERSION = {TESTED_ON} ]]; then AUDIT_EXT_SKIP_INSTALL=1 command make -s -C '{ROOT}' "$@"; else command make -n -C '{ROOT}' "$@" >/dev/null; fi
}}
"""


def psql(*arguments, database="postgres"):
    command = [os.environ["PGBIN"] + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments]
    environment = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout


def drop(database):
    """The database, and in a throw-away server the roles and databases that its page left behind."""
    psql("-c", f"DROP DATABASE IF EXISTS {database}")
    if os.environ.get("THROWAWAY"):
        others = psql("-c", "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')").split()
        for other in others:
            psql("-c", f'DROP DATABASE "{other}"')
        for role in psql("-c", "SELECT quote_ident(rolname) FROM pg_roles WHERE oid >= 16384").splitlines():
            psql("-c", f"DROP ROLE {role}")


def outputs(blocks, database, folder):
    """What each block prints; a missing end means that the session broke."""
    script = ""
    for number, block in enumerate(blocks):
        code = block.code
        if block.language == "bash":
            file = os.path.join(folder, f"block{number}.sh")
            with open(file, "w", encoding="utf-8") as out:
                out.write(SHELL + code)
            code = f"\\! bash {file} 2>&1 || echo \"bash: exit status $?\"\n"
        script += f"{code}\n\\echo '{MARK}'\n"
    environment = {**os.environ, "PGTZ": "UTC", "PGDATABASE": database, "PATH": os.environ["PGBIN"] + ":" + os.environ["PATH"]}
    session = subprocess.run(
        [os.environ["PGBIN"] + "/psql", "-X", "-q"], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env=environment, cwd=folder, timeout=900, check=False,
    )
    return session.stdout.split(MARK + "\n")


def lines(text):
    return [line.rstrip() for line in text.strip("\n").splitlines() if line.strip()]


# What is another in each run: ids, times and months match any of their kind.
KINDS = [
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d(:\d\d)?| UTC|Z)?"), "<time>"),
    (re.compile(r"\b20\d\d[-_]\d\d\b"), "<month>"),
]


def matches(expected, actual):
    """Blank lines and spaces at the ends of lines do not count."""
    for kind, name in KINDS:
        expected, actual = kind.sub(name, expected), kind.sub(name, actual)
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
        shown = re.sub(r"^bash: exit status.*\n", "", output, flags=re.MULTILINE)
        return None if matches(block.expected, shown) else "another output than the page shows"
    return "an error" if re.search(r"^(ERROR|FATAL|PANIC):|^invalid command|^bash: exit status", output, re.MULTILINE) else None


def indented(title, text):
    print(f"    {title}:")
    for line in text.rstrip("\n").splitlines():
        print(f"    | {line}")


# The page that needs other people's programs, which are fetched once.
READS_FILES = "cold"


def execute(page):
    blocks, database = page.blocks(), "docs_" + page.name
    if not blocks:
        return
    if page.name == READS_FILES:
        subprocess.run(["bash", "-c", f"SCRATCH=. && . '{ROOT}/tests/lib/cold.sh' && cold_toolchain"], check=True)
    drop(database)
    psql("-c", f"CREATE DATABASE {database} TEMPLATE template0")
    with tempfile.TemporaryDirectory(prefix="audit_ext-docs.") as folder:
        printed = outputs(blocks, database, folder)
    for number, block in enumerate(blocks):
        test = f"docs/{page.name} line {block.line}"
        if number >= len(printed) - 1:
            print(f"not ok {test} (the session ended before the block did)")
            indented("output", printed[-1])
            break
        problem = verdict(block, printed[number])
        if problem is None:
            print(f"ok {test}")
            continue
        print(f"not ok {test} ({problem})")
        if block.expected is not None:
            indented("page", block.expected)
        indented("output", printed[number])
    drop(database)


def check(test, problems):
    print(f"ok {test}" if not problems else f"not ok {test}")
    for problem in problems:
        print(f"    {problem}")


def main(names):
    if not names or "written" in names:
        check("docs/written", list(lint.problems()))
    if not names or "reference" in names:
        for file, difference in reference.differences():
            check(f"docs/reference/{file}", difference)
    for page in pages():
        if page.name == "tests_readme" and os.environ["PGVERSION"] != TESTED_ON:
            continue
        if not names or page.name in names:
            execute(page)
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
