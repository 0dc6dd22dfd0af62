"""Rows of `tests/formats/*.rows`: one field of one format, and what it must give.

A file is a list of sections, one for each format (`# name`), each a list of rows
(`## field`). The first two characters of a line say what it is:

    `@ `  a file of this path begins
    `  `  a line of it
    `+ `  a line of it that is the field
    `- `  a line that stands there instead where the field is left out
    `= `  what must be found with the field, and must not be found without it
    `~ `  what must be found with the field, and may be found without it
    `/ `  what must not be found with the field: a trap
    `! `  the field is not read, and why: it must change nothing

What stands in a section before its first row comes before each row's lines: a row
whose first file has the same path goes on with that file.
What is found is a line for each thing (`workload c.yaml type=job-file`), for each edge
(`edge c.yaml reads s3://b`), each kind of note (`note unparsed`) and each format that
was recognised or not analysed (`recognised axolotl`); a row names words of one line.
Spaces within a value are written `_`. `@hf@` and `@akia@` stand for tokens of the form
that the hub and AWS make, which no file of ours should hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.scan import Reading

#: What stands in rows for tokens; put together here, so that no scanner of tokens rings.
_TOKENS = {
    "@hf@": "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ",
    "@akia@": "AKIA" + "Z7Q4M2XW9LTB6KRN",
}
FOLDER = Path(__file__).parent / "formats"


@dataclass
class Row:
    """A field of a format: its files (as marked lines) and what is expected."""

    form: str
    name: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def files(self, *, with_field: bool) -> dict[str, str]:
        """Path -> text, with the field or without it."""
        kept, path = {}, ""
        for mark, text in self.lines:
            if mark == "@":
                path = text
                kept.setdefault(path, "")
            elif mark == " " or mark == ("+" if with_field else "-"):
                kept[path] += _filled(text) + "\n"
        return kept

    def marked(self, mark: str) -> list[str]:
        """The texts of the lines with a mark."""
        return [text for found, text in self.lines if found == mark]


def _filled(text: str) -> str:
    for mark, token in _TOKENS.items():
        text = text.replace(mark, token)
    return text


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file. ValueError for a line that is none of those above."""
    form, head, row = "", [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            if row:
                yield row
            row = Row(form, line[3:].strip(), list(head))
        elif line.startswith("# "):
            if row:
                yield row
            form, head, row = line[2:].strip(), [], None
        elif line.strip():
            if line[0] not in "@ +-=~/!" or line[1:2] not in ("", " "):
                raise ValueError(f"{path.name}:{number}: {line}")
            (row.lines if row else head).append((line[0], line[2:]))
    if row:
        yield row


def found(reading: Reading, estate: Estate) -> list[set[str]]:
    """The words of each thing, edge and note of an estate, and of each format met."""
    inputs = reading.inputs
    lines = [{"recognised", *name.split()} for name in inputs.recognised]
    lines += [{"not-analysed", *name.split()} for name in inputs.not_analysed]
    lines += [{"note", note.kind} for note in [*reading.notes, *estate.notes]]
    for thing in estate.things.values():
        words = {thing.kind, thing.address}
        for name in thing.facts:
            for fact in thing.all_facts(name):
                words.update(_words(name, fact.value))
        words.update(f"evidence={piece.strength}" for piece in thing.evidence)
        lines.append(words)
    for edge in estate.edges():
        verb = edge.verb.replace(" ", "-")
        sure = "certain" if edge.certain else "uncertain"
        lines.append({"edge", edge.source.address, verb, edge.target.address, sure})
    return lines


def _words(name: str, value: object) -> Iterator[str]:
    if isinstance(value, Unknown):
        yield f"{name}=?"
    elif isinstance(value, tuple):
        yield from (f"{name}:{item}".replace(" ", "_") for item in value)
    else:
        yield f"{name}={str(value).lower() if isinstance(value, bool) else value}"


def has(lines: list[set[str]], words: str) -> bool:
    """Whether one line has all of these words."""
    wanted = set(words.split())
    return any(wanted <= line for line in lines)
