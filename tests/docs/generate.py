"""Writes the pages of docs/reference; the environment points at a server that has the extension installed."""

import reference

if __name__ == "__main__":
    reference.FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in reference.generate().items():
        (reference.FOLDER / file).write_text(text, encoding="utf-8")
