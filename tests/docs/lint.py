#!/usr/bin/env python3
"""Checks the manual as it is written: every fenced block is of a known language (so that no SQL escapes being executed), every link leads to a file
and heading that is there, README.md is short, and all that names the version, the license or the Rust of the project says the same."""

import json
import re
import sys

from page import EXECUTED, ROOT, SHOWN, Page, pages

LONGEST_README = 200
FIRST_SQL_BY_LINE = 30


def block_problems(page):
    for language, line, _, _, _ in page.fences():
        if language not in EXECUTED | SHOWN:
            yield line, f"a block of {language or 'no language'}: name one of {', '.join(sorted(EXECUTED | SHOWN))}"
    for line, text in enumerate(page.prose().splitlines(), 1):
        if re.match(r"\s*(```|~~~)", text):
            yield line, "a fence that is indented, not closed or not of backticks"


def link_problems(page):
    for line, target in page.links():
        file, _, anchor = target.partition("#")
        path = (page.path.parent / file).resolve() if file else page.path
        if not path.is_relative_to(ROOT) or not path.exists():
            yield line, f"{target} leads nowhere"
        elif anchor and anchor not in Page(path).anchors():
            yield line, f"{target}: {path.name} has no such heading"


def readme_problems(page):
    if page.name != "readme":
        return
    length = page.text.count("\n")
    if length > LONGEST_README:
        yield length, f"README.md is to have at most {LONGEST_README} lines"
    if min((line for language, line, *_ in page.fences() if language == "sql"), default=length) > FIRST_SQL_BY_LINE:
        yield FIRST_SQL_BY_LINE, "the first SQL of README.md comes too late"


def release_problems():
    """What names the version, or files of the package, says the same."""
    meta = json.loads((ROOT / "META.json").read_text(encoding="utf-8"))
    cargo = manifest_value((ROOT / "Cargo.toml").read_text(encoding="utf-8"), "version")
    control = re.search(r"^default_version = '(.*)'", (ROOT / "audit_ext.control").read_text(encoding="utf-8"), re.MULTILINE)
    version = cargo if control is None or control.group(1).startswith("@") else control.group(1)
    for name, provided in meta["provides"].items():
        for key in ("file", "docfile"):
            if not (ROOT / provided[key]).is_file():
                yield f"{key} of {name}: there is no {provided[key]}"
        if provided["version"] != version:
            yield f"version of {name} is {provided['version']}, not {version}"
    if meta["version"] != version or cargo != version:
        yield f"versions differ: META.json {meta['version']}, Cargo.toml {cargo}, control file {version}"
    if not re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE):
        yield f"CHANGELOG.md has no section for {version}"


def manifest_value(manifest, key):
    """What the package is said to be: the first such line of a Cargo.toml, if there is one."""
    found = re.search(rf'^{key} = "(.*)"$', manifest, re.MULTILINE)
    return found and found.group(1)


def manifest_problems():
    """The crates of the workspace bear one version and license, and ask for the Rust that rust-toolchain.toml names, as the pages for newcomers do."""
    channel = re.search(r'^channel = "(\d+\.\d+)\.\d+"$', (ROOT / "rust-toolchain.toml").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    manifests = [ROOT / "Cargo.toml", *sorted(ROOT.glob("crates/*/Cargo.toml"))]
    texts = [manifest.read_text(encoding="utf-8") for manifest in manifests]
    for key, expected in (("version", manifest_value(texts[0], "version")), ("license", manifest_value(texts[0], "license")), ("rust-version", channel)):
        for manifest, text in zip(manifests, texts):
            if manifest_value(text, key) != expected:
                yield f"{manifest.relative_to(ROOT)}: {key} is {manifest_value(text, key)}, not {expected}"
    for page in ("README.md", "CONTRIBUTING.md"):
        if f"Rust {channel} or later" not in (ROOT / page).read_text(encoding="utf-8"):
            yield f"{page}: it does not say that Rust {channel} or later is needed"


def help_problems():
    """`make help` lists every target that a person calls."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    for target in phony:
        if not re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE):
            yield f"make help does not list {target}"


def invariant_problems():
    """Each rule that the architecture notes say must stay true names tests, and they are there."""
    suites = {"golden": "golden/sql/{}.sql", "isolation": "isolation/specs/{}.spec"}
    notes = (ROOT / "src/ARCHITECTURE.md").read_text(encoding="utf-8")
    rules = notes[notes.index("## What must stay true") : notes.index("## Decisions")]
    for rule in re.findall(r"^\d+\. .*?(?=^\d+\. |\Z)", rules, re.MULTILINE | re.DOTALL):
        named = re.findall(r"`(golden|isolation|concurrency|durability|upgrade|memory)/([a-z_*]+)`", rule)
        if not named:
            yield f"no test is named for: {rule.splitlines()[0]}"
        for suite, name in named:
            if not any((ROOT / "tests").glob(suites.get(suite, suite + "/{}.sh").format(name))):
                yield f"there is no test {suite}/{name}"


def problems():
    for page in pages():
        for check in (block_problems, link_problems, readme_problems):
            for line, problem in check(page):
                yield f"{page.path.relative_to(ROOT)}:{line}: {problem}"
    for problem in invariant_problems():
        yield f"src/ARCHITECTURE.md: {problem}"
    for problem in release_problems():
        yield f"META.json: {problem}"
    yield from manifest_problems()
    for problem in help_problems():
        yield f"Makefile: {problem}"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    sys.exit(1 if found else 0)
