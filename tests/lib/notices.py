#!/usr/bin/env python3
"""Prints the notices of other people's crates that are linked into what is given away, as their licenses demand: notices.py OPTION…, the options
of cargo that choose our packages and their features. Crates whose texts are the same share one."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

NOTICE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
CARGO = os.environ.get("CARGO", "cargo")


def cargo(*arguments):
    return subprocess.run([CARGO, *arguments, "--locked"], check=True, capture_output=True, text=True).stdout


def linked(options):
    """(name, version) of what is linked: neither build scripts nor macros are."""
    tree = cargo("tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe", "--format", "{p}", *options)
    return sorted({tuple(line.split()[:2]) for line in tree.splitlines() if line})


def notices(package):
    """The texts in the crate's folder; if there are none, what it says of itself."""
    folder = Path(package["manifest_path"]).parent
    texts = [file.read_text(encoding="utf-8", errors="replace").strip() for file in sorted(folder.iterdir()) if file.is_file() and NOTICE.match(file.name)]
    return texts or [f"License: {package['license']}\nAuthors: {', '.join(package['authors']) or 'not named'}"]


def main(options):
    packages = {(p["name"], "v" + p["version"]): p for p in json.loads(cargo("metadata", "--format-version", "1", "--all-features"))["packages"] if p["source"]}
    by_text = {}
    for crate in linked(options):
        for text in notices(packages[crate]) if crate in packages else []:
            by_text.setdefault(text, []).append(" ".join(crate))
    for text, crates in by_text.items():
        print("=" * 80, *(f"{crate}" for crate in crates), "=" * 80, "", text, "", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
