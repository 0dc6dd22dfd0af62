"""YAML (and, through the same face, JSON) as Values with spans.

Reads libyaml's event stream: nothing is constructed, no tag is obeyed, scalars stay
text. Knows no Kubernetes beyond the kinds of documents that cannot matter.

A scalar's `Value.type` is its style: "plain", "quoted" or "block". Null (`~`, `null`,
nothing) is `data` None when plain. A template action is `Unknown("template", ...)`
whose `name` is the action's text; a mapping key that starts with `{{` stands for
entries that a template inserts there. An alias has the alias' span, the anchored
node's data and a step to the anchor; what a merge key brings keeps its own span and
has a step to the merge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.parse.actions import Masked, has_actions, mask
from mlsec_lint.parse.document import Document
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.json import json_documents
from mlsec_lint.parse.nodes import Builder
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "documents", "embedded", "placeholder", "yaml_documents"]

#: How many documents of one file are read.
MAX_DOCUMENTS = 20_000

_BLANK = regex(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t\r]*(?:#[^\n]*)?\Z")
_DIRECTIVES = regex(r"(?:[ \t]*(?:#[^\n]*|\r)?\n|%[^\n]*\n)*\Z")
_TOP_LINE = regex(r"^[^ \t\r\n#][^\r\n]*", re.MULTILINE)
_HEAD = regex(
    r"[ \t]*(?:#[^\r\n]*)?(?:\r?\n|(?=[ak]))"
    r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*"
    r"(?:apiVersion:[ \t]+(?:\"[\w./-]+\"|'[\w./-]+'|[\w./-]+)[ \t]*\r?\n)?"
    r"kind:[ \t]+(?:\"CustomResourceDefinition\"|'CustomResourceDefinition'"
    r"|CustomResourceDefinition)[ \t]*(?:[ \t]#[^\r\n]*)?(?:\r?\n|\Z)"
)
_OTHER_KEY = regex(r"(?:apiVersion|metadata|spec|status):(?:\s|$)")
_LONE_RETURN = regex(r"\r(?!\n)")


def documents(source: Source) -> tuple[list[Document], list[Note]]:
    """The documents of a YAML or JSON text (by its path), and what was not understood.

    Empty documents are left out. A syntax error costs its document and is noted.
    """
    if source.host is None and source.path.lower().endswith((".json", ".jsonc")):
        return json_documents(source)
    return yaml_documents(source)


def yaml_documents(source: Source) -> tuple[list[Document], list[Note]]:
    """The documents of a YAML text whatever its path."""
    notes: list[Note] = []
    found: list[Document] = []
    masks = _Masks(source.text)
    text = source.text if masks.first is None else masks.first.text
    for number, (start, end) in enumerate(_chunks(text)):
        if number >= MAX_DOCUMENTS:
            words = f"more than {MAX_DOCUMENTS:,} documents in one file"
            span = Span(source, start, start + 1)
            notes.append(Note("bound", words, source.path, span, incomplete=True))
            break
        skipped = _skipped_kind(text, start, end)
        if skipped:
            span = Span(source, start, end)
            found.append(Document(Value(None, span), span, skipped))
            continue
        found.extend(_read(source, start, end, masks, notes))
    return found, notes


class _Masks:
    """The ways in which template actions of one text are masked, each made once.

    `first` keeps what templates insert as entries; None for a text without actions.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.first = mask(text) if has_actions(text) else None
        self._others: dict[str, Masked] = {}

    def others(self, start: int, end: int) -> Iterator[Masked]:
        """What to try for a document that could not be read with the first mask."""
        if has_actions(self.text, start, end):
            yield self._make("plain", insertions=False)
        if (
            self.text.find("${", start, end) >= 0
            or self.text.find("%{", start, end) >= 0
        ):
            yield self._make("terraform", insertions=False, terraform=True)

    def _make(self, name: str, **options: bool) -> Masked:
        if name not in self._others:
            self._others[name] = mask(self.text, **options)
        return self._others[name]


def _read(
    source: Source, start: int, end: int, masks: _Masks, notes: list[Note]
) -> Iterator[Document]:
    """Read one chunk; a template that fails is tried again with other masks."""
    masked = masks.first
    template = masked is not None and has_actions(source.text, start, end)
    builder = Builder(source, start, masked if template else None)
    chunk = (source.text if masked is None else masked.text)[start:end]
    fault = builder.read(chunk)
    if fault is not None:
        for other in masks.others(start, end):
            second = Builder(source, start, other)
            if second.read(other.text[start:end]) is None:
                words = "text that a template puts here could not be placed"
                span = Span(source, *fault[:2])
                notes.append(
                    Note("template-not-read", words, span.path, span, strict_only=True)
                )
                builder, fault, template = second, None, True
                break
    notes.extend(builder.notes)
    if fault is not None:
        template = template or source.text.find("%{", start, end) >= 0
        notes.append(_fault_note(source, fault, template=template))
        return
    span = Span(source, start, start + len(chunk.rstrip()))
    for value in builder.roots:
        yield Document(value, span, "", template)


def _fault_note(source: Source, fault: tuple[int, int, str], *, template: bool) -> Note:
    start, end, words = fault
    span = Span(source, start, end)
    if template:
        words = f"a template that is no YAML before it is rendered ({words})"
        return Note("template-not-read", words, span.path, span, strict_only=True)
    return Note("syntax-error", words, span.path, span, incomplete=True)


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of the documents: what lies between `---` and `...` lines.

    Such a line ends a document wherever it stands, in any scalar too, so that cutting
    here is what the parser itself would do. Directives stay with their document.
    """
    start = 0
    length = len(text)
    at = 0
    dash, dots = text.find("\n---"), text.find("\n...")
    while at < length:
        if text.startswith(("---", "..."), at) and (
            at + 3 >= length or text[at + 3] in " \t\r\n"
        ):
            if _DIRECTIVES.match(text, start, at) is None or "%" not in text[start:at]:
                if not _is_blank(text, start, at):
                    yield start, at
                start = at + 3
            else:
                start = start if text.startswith("---", at) else at + 3
                at += 3
        if 0 <= dash < at:  # a mark that is not there is looked for only once
            dash = text.find("\n---", at)
        if 0 <= dots < at:
            dots = text.find("\n...", at)
        if dash < 0 and dots < 0:
            break
        at = 1 + (dots if dash < 0 else dash if dots < 0 else min(dash, dots))
    if not _is_blank(text, start, length):
        yield start, length


def _is_blank(text: str, start: int, end: int) -> bool:
    return _BLANK.match(text, start, end) is not None


def _skipped_kind(text: str, start: int, end: int) -> str:
    """The kind, when the document is certainly one that cannot matter; else "".

    Certain means: it begins with `apiVersion` and `kind`, each whole on its line, and
    every other line at the left edge is another key of a CustomResourceDefinition.
    Anything cleverer is read in full, for a stranger may hide a document behind a kind
    that stands in a scalar, or after a line break that only YAML knows.
    """
    kind = "CustomResourceDefinition"
    if text.find(kind, start, end) < 0:
        return ""
    head = _HEAD.match(text, start, end)
    if head is None or _has_odd_break(text, start, end):
        return ""
    lines = _TOP_LINE.finditer(text, head.end(), end)
    return kind if all(_OTHER_KEY.match(line.group()) for line in lines) else ""


def _has_odd_break(text: str, start: int, end: int) -> bool:
    """Whether there is a line break for YAML that is none for us."""
    if any(text.find(char, start, end) >= 0 for char in "\x85\u2028\u2029"):
        return True
    at = text.find("\r", start, end)
    return at >= 0 and _LONE_RETURN.search(text, at, end) is not None
