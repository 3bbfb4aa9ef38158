"""A page of the manual: its fenced blocks, its headings and its links."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# These are executed; a `text` block right below one of them is the output expected of it.
EXECUTED = {"sql", "bash"}
# These are shown only: output, pictures, and code of programs that are not here.
SHOWN = {"text", "mermaid", "typescript", "python", "json", "ini", "yaml"}

# <!-- sql ... --> is a block that is executed and not shown: what an example needs and its reader has.
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```[ \t]*$|^<!-- (sql)\n(.*?)^-->[ \t]*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def pages():
    """Every page, those that a reader meets first in front."""
    manual = sorted((ROOT / "docs").rglob("*.md"))
    return [Page(path) for path in [*sorted(ROOT.glob("*.md")), ROOT / "tests/README.md", *manual]]


class Block:
    """A piece of code, the line it starts at, and the output expected of it, if any."""

    def __init__(self, line, language, code):
        self.line, self.language, self.code, self.expected = line, language, code, None


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.name = str(path.relative_to(ROOT).with_suffix("")).removeprefix("docs/").replace("/", "_").lower()

    def fences(self):
        """All fenced blocks: the language as it is written, the line, the code, and where the block begins and ends."""
        for fence in FENCE.finditer(self.text):
            shown, code, hidden, hidden_code = fence.groups()
            line = self.text.count("\n", 0, fence.start()) + 2
            yield (hidden or shown.strip()), line, (hidden_code if hidden else code), fence.start(), fence.end()

    def blocks(self):
        """The blocks to execute, in order, each with the output shown below it."""
        found, previous_end, previous = [], 0, None
        for language, line, code, start, end in self.fences():
            current = None
            if language in EXECUTED:
                current = Block(line, language, code)
                found.append(current)
            elif language == "text" and previous and not self.text[previous_end:start].strip():
                previous.expected = code
            previous_end, previous = end, current
        return found

    def prose(self):
        """The text without its fenced blocks, line by line as it was."""
        return FENCE.sub(lambda fence: "\n" * fence.group(0).count("\n"), self.text)

    def anchors(self):
        """The anchors of headings, as code hosts make them."""
        seen, anchors = {}, set()
        for heading in HEADING.findall(self.prose()):
            text = re.sub(r"[^\w\- ]", "", LINK.sub(lambda link: link.group(0).split("]")[0][1:], heading).lower())
            anchor = text.replace(" ", "-")
            count = seen.get(anchor, 0)
            seen[anchor] = count + 1
            anchors.add(f"{anchor}-{count}" if count else anchor)
        return anchors

    def links(self):
        """Line and target of every link that stays within the repository."""
        prose = self.prose()
        for link in LINK.finditer(prose):
            target = link.group(1)
            if not re.match(r"[a-z]+:", target):
                yield prose.count("\n", 0, link.start()) + 1, target
