#!/usr/bin/env python3
"""Proves that tests/floors finds what it is there to find, in trees made for it, and says nothing of a tree that is as it should be."""

import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "floors"

# A house without fault. It has what is easily mistaken for one: words in comments and texts, a name that a parent hands on, a module named like one
# above it, a table of contents, a test below its file's code.
HOUSE = {
    "Cargo.toml": '[package]\nname = "house"\n',
    "src/floors.txt": "# Ground first.\nground: crates/core\nserver: src/pg\nmiddle: src/middle\ntop: src/top src/aside # two\nentry: src/lib\n",
    "src/lib.rs": "mod aside;\nmod middle;\nmod pg;\nmod top;\nfn start() { top::run(); }\n",
    "src/pg/mod.rs": "pub mod call;\n",
    "src/pg/call.rs": "/* use crate::top; /* crate::top::run() */ */\npub fn call() { unsafe { raw(\"crate::top::run\", 'c', r#\"\"unsafe\"\"#) } }\n",
    "src/middle/mod.rs": "//! Not unsafe, says crate::top.\nmod part;\nmod shared;\npub use part::Part;\n",
    "src/middle/part.rs": "use super::shared::Shared;\npub struct Part(Shared);\n",
    "src/middle/shared.rs": "pub struct Shared;\nfn of_our_own() { let top = 1; mod_of(top::<u8>()); }\n",
    "src/top.rs": "use core::decide;\nuse crate::middle::Part;\npub fn run() { decide::now(); crate::pg::call::call(); }\n"
    "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn runs() { super::run(); }\n}\n",
    "src/aside.rs": "use crate::top::{self, run as begin};\nfn aside() { top::run(); begin(); }\n",
    "crates/core/Cargo.toml": '[package]\nname = "core"\n# No pgrx here.\n[dependencies]\n',
    "crates/core/src/lib.rs": "//! Knows no pgrx.\npub mod decide;\n",
    "crates/core/src/decide.rs": 'pub fn now() -> &\'static str { "pgrx" }\n',
}


def long_function(lines):
    return "fn long() {\n" + "    step();\n" * (lines - 2) + "}\n"


class Floors(unittest.TestCase):
    def problems(self, **changes):
        """What the program prints of the house with some files changed: (path → what is written behind it, or None to take it away)."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {**HOUSE, **{path: HOUSE.get(path, "") + (text or "") for path, text in changes.items()}}.items():
                if path in changes and changes[path] is None:
                    continue
                place = Path(folder, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
            run = subprocess.run([PROGRAM, folder], capture_output=True, text=True, check=False)
            self.assertEqual(run.stderr, "")
            self.assertEqual(run.returncode, 1 if run.stdout else 0)
            return run.stdout.splitlines()

    def finds(self, changes, *expected):
        """Just one problem, whose line says all of this."""
        found = self.problems(**changes)
        self.assertEqual(len(found), 1, found)
        for part in expected:
            self.assertIn(part, found[0])

    def test_a_house_without_fault(self):
        self.assertEqual(self.problems(), [])

    def test_an_import_upward(self):
        up = ("floor 3 (middle) uses", "floor 4 (top)", "src/top.rs", "move what both need to floor 3 or below")
        for line in [
            "use crate::top;", "use crate::top::run;", "pub(crate) use crate::{pg::call, top::{self, run}};", "use super::super::top::run as walk;",
            "fn f() { crate::top::run() }", "fn f() { super::super::top::run() }", "macro_rules! m { () => { $crate::top::run() } }",
            "use crate as house; fn f() { house::top::run() }", "#[cfg(test)] mod tests { use crate::top::run; }",
            "impl From<crate::top::T> for Part {}", "mod inner { fn f() { super::super::super::top::run() } }",
        ]:
            with self.subTest(line):
                self.finds({"src/middle/part.rs": line + "\n"}, "src/middle/part.rs:3: ", *up)

    def test_an_import_upward_through_what_is_handed_on(self):
        found = self.problems(**{"src/middle/mod.rs": "pub use crate::top::run;\n", "src/pg/call.rs": "use crate::middle::run;\n"})
        self.assertEqual([line.split(" uses ")[0] for line in found], ["src/middle/mod.rs:5: floor 3 (middle)", "src/pg/call.rs:3: floor 2 (server)"])
        self.assertIn("of floor 4 (top), src/top.rs", found[1])

    def test_a_name_that_a_use_brought_in(self):
        self.finds({"src/pg/call.rs": "use crate::middle;\nfn f(part: middle::Part) {}\n"}, "src/pg/call.rs:4: floor 2 (server) uses middle::Part", "src/middle/part.rs")

    def test_a_crate_above(self):
        self.finds({"src/floors.txt": "roof: crates/roof\n", "crates/roof/Cargo.toml": 'name = "the-roof"\n', "crates/roof/src/lib.rs": "pub fn up() {}\n",
            "src/top.rs": "fn f() { the_roof::up() }\n"}, "src/top.rs:", "floor 4 (top) uses the_roof::up of floor 6 (roof), crates/roof/src/lib.rs")

    def test_a_circle(self):
        self.finds({"src/top.rs": "use crate::aside::aside;\n"}, "src/aside.rs:", "a circle on floor 4 (top)", "src/top.rs:10 uses src/aside.rs",
            "move what they share into a file below both")
        self.finds({"src/middle/mod.rs": "fn f(part: part::Part) {}\nstruct Mine;\n", "src/middle/shared.rs": "use super::Mine;\n"}, "a circle on floor 3",
            "src/middle/mod.rs:5 uses src/middle/part.rs; src/middle/part.rs:1 uses src/middle/shared.rs; src/middle/shared.rs:3 uses src/middle/mod.rs")

    def test_a_file_on_no_floor(self):
        self.finds({"src/lib.rs": "mod cellar;\n", "src/cellar.rs": "fn f() {}\n"}, "src/cellar.rs:1: no floor has this file", "add it to src/floors.txt")

    def test_a_floor_of_nothing(self):
        self.finds({"src/floors.txt": "roof: src/roof\n"}, "src/floors.txt:7: floor roof names src/roof, which is not there")
        self.finds({"src/floors.txt": "roof: src/top\n"}, "src/floors.txt:7: src/top stands on two floors, top and roof")

    def test_a_file_that_nobody_compiles(self):
        self.finds({"src/middle/left.rs": "fn f() {}\n"}, "src/middle/left.rs:1: no `mod left;` names this file")

    def test_unsafe_outside_pg(self):
        for line in ["unsafe fn f() {}", "fn f() { unsafe { g() } }", "unsafe impl Send for T {}", "#[unsafe(no_mangle)] fn f() {}"]:
            with self.subTest(line):
                self.finds({"src/middle/part.rs": line + "\n"}, "src/middle/part.rs:3: unsafe outside src/pg")
        self.finds({"crates/core/src/decide.rs": "unsafe fn f() {}\n"}, "crates/core/src/decide.rs:2: unsafe outside src/pg")

    def test_a_crate_that_names_pgrx(self):
        self.finds({"crates/core/src/decide.rs": "use pgrx::Spi;\n"}, "crates/core/src/decide.rs:2: a crate under crates/ names pgrx")
        self.finds({"crates/core/src/decide.rs": "fn f(oid: pg_sys::Oid) {}\n"}, "crates/core/src/decide.rs:2: a crate under crates/ names pg_sys")
        self.finds({"crates/core/Cargo.toml": 'pgrx = "1"\n'}, "crates/core/Cargo.toml:5: a crate under crates/ depends on pgrx")

    def test_too_long(self):
        self.assertEqual(self.problems(**{"src/top.rs": "//\n" * 391}), [])
        self.finds({"src/top.rs": "//\n" * 392}, "src/top.rs:401: 401 lines, 400 at most")
        self.assertEqual(self.problems(**{"src/top.rs": long_function(60)}), [])
        self.finds({"src/top.rs": long_function(61)}, "src/top.rs:10: function long has 61 lines, 60 at most")
        self.finds({"src/top.rs": "impl T {\n    fn short(a: [u8; 2]) -> u8;\n" + long_function(61) + "}\n"}, "src/top.rs:12: function long has 61 lines")


if __name__ == "__main__":
    unittest.main(verbosity=0)
