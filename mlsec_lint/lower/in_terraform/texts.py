"""YAML and scripts in string values of Terraform, with their unknown parts in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.formulas import concatenation
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Span
from mlsec_lint.terraform.embedded import MARK, Embedded, embedded_text
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Note, Source

_STRUCTURES = ("json", "yaml")
_MAX_DEPTH = 64
_MAX_TEXT = 2_000_000


class Documents(NamedTuple):
    """The documents of a text, what was not understood, and the text itself, if any."""

    values: tuple[Value, ...] = ()
    notes: tuple[Note, ...] = ()
    source: Source | None = None


def documents_in(value: Value) -> Documents | None:
    """The YAML or JSON documents that a string value holds; None where nobody can tell.

    What yamlencode or jsonencode made is given as it was before, with the spans of the
    expression; a text is read, and its scalars stand in the heredoc, template or file.
    """
    if value.origin is not None and value.origin[0] in _STRUCTURES:
        return Documents((value.origin[1],))
    inner = embedded_text(value)
    if inner is None or len(inner.source.text) > _MAX_TEXT:
        return None
    found, notes = yaml_documents(inner.source)
    filled = _Filler(inner)
    values = tuple(filled.value(one.value, 0) for one in found if not one.skipped)
    return Documents(values, tuple(notes), inner.source)


def script_in(value: Value) -> tuple[Source, dict[str, Value]] | None:
    """The script in a string value, and the unknown parts as variables it starts with."""
    inner = embedded_text(value)
    if inner is None or len(inner.source.text) > _MAX_TEXT:
        return None
    names = inner.variables()
    return inner.source, {n: v.replace(span=None, key=None) for n, v in names.items()}


class _Filler:
    """Puts the unknown parts of a text where their marks stand in its documents."""

    def __init__(self, inner: Embedded) -> None:
        self.inner = inner
        self._made: dict[int, tuple[Value, Value]] = {}

    def value(self, value: Value, depth: int) -> Value:
        """The value with its marks replaced; the same one where there are none."""
        if not self.inner.parts or depth > _MAX_DEPTH:
            return value
        known = self._made.get(id(value))
        if known is not None:  # an alias: shared, never expanded
            return known[1]
        made = self._fill(value, depth)
        self._made[id(value)] = (value, made)
        return made

    def _fill(self, value: Value, depth: int) -> Value:
        data = value.data
        if isinstance(data, str):
            return self._text(value, data)
        if isinstance(data, Unknown):
            return self._action(value, data)
        if isinstance(data, dict):
            return value.replace(
                data={k: self.value(v, depth + 1) for k, v in data.items()}
            )
        if isinstance(data, tuple):
            return value.replace(data=tuple(self.value(v, depth + 1) for v in data))
        return value

    def _text(self, value: Value, text: str) -> Value:
        parts: list[str | Unknown] = []
        sources: list[Value] = []
        at = 0
        for match in MARK.finditer(text):
            part = self.inner.part(match)
            if part is None or not isinstance(part.data, Unknown):
                continue
            parts.append(text[at : match.start()])
            parts.append(self._named(part.data, match[0], value))
            sources.append(part)
            at = match.end()
        if not sources:
            return value
        parts.append(text[at:])
        return self._unknown(value, parts, sources)

    def _unknown(
        self, value: Value, parts: list[str | Unknown], sources: list[Value]
    ) -> Value:
        data = concatenation(parts)
        trail = tuple(step for part in sources for step in part.trail)
        whole = len([part for part in parts if part != ""]) == 1
        if whole:
            made = sources[0].replace(
                span=value.span, key=value.key, type=value.type, trail=trail
            )
            return made.replace(origin=None)
        if value.type == "block" and isinstance(data, Unknown):
            data = data._replace(kind="template")  # a reader of scripts looks into it
        sensitive = value.sensitive or any(part.sensitive for part in sources)
        return value.replace(
            data=data, trail=(*value.trail, *trail), sensitive=sensitive
        )

    def _named(self, unknown: Unknown, mark: str, value: Value) -> Unknown:
        """The part, at home where its mark stands, for readers of the text around it."""
        if value.type != "block" or value.span is None:
            return unknown
        source = value.span.source
        at = source.text.find(mark, value.span.start, value.span.end)
        if at < 0:
            return unknown
        return unknown._replace(span=Span(source, at, at + len(mark)), parts=())

    def _action(self, value: Value, unknown: Unknown) -> Value:
        """A part that the reader of YAML had to take for an action of a template."""
        match = MARK.fullmatch(unknown.name.strip())
        part = self.inner.part(match) if match is not None else None
        if part is None:
            return value
        return part.replace(span=value.span, key=value.key, origin=None)
