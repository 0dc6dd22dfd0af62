"""Texts inside expressions as Sources of their own, each offset led back to the file.

A heredoc with YAML, a quoted JSON policy, the result of a template file, a file that
`file()` read: whoever reads the inner text gets spans in the very file that states it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

TEMPLATES = ("template", "templatefile")
ENCODINGS = ("base64", "base64gzip")
Pieces = list[tuple[int, int]]

#: What stands for an unknown part: a variable to readers of shell, a placeholder to
#: readers of YAML. The number says which part; the words are for people.
MARK = regex(r"\$\{(tf_(\d{1,6})__\w*)\}")
_NO_NAME = regex(r"\W+")
_DEPTH = 8


class Embedded(NamedTuple):
    """A text inside an expression, and what is not known of it.

    Each unknown part stands in the text as `MARK` matches it, by its number in `parts`.
    """

    source: Source
    parts: tuple[Value, ...]

    def part(self, match: re.Match[str]) -> Value | None:
        """The part that a mark stands for; None where somebody wrote such a mark."""
        number = int(match[2])
        return self.parts[number] if number < len(self.parts) else None

    def variables(self) -> dict[str, Value]:
        """The parts by the names under which a shell would look for them."""
        names: dict[str, Value] = {}
        for match in MARK.finditer(self.source.text):
            part = self.part(match)
            if part is not None:
                names[match[1]] = part
        return names


def embedded_source(value: Value) -> Source | None:
    """The text of a string value, hosted by the file that holds its template.

    Parts that are not known stand in it as they are written (`${aws_kms_key.k.arn}`).
    None where the value is no text or nobody wrote it. A text that was computed leads
    back, line by line, to the expression that computes it.
    """
    return _Writer(value, marked=False).source()


def embedded_text(value: Value) -> Embedded | None:
    """The text of a string value with marks for its unknown parts, which are kept.

    None where nothing is known of the text, or nobody wrote it. What was encoded in
    base64 is read as it was before.
    """
    for _ in range(_DEPTH):
        if value.origin is None or value.origin[0] not in ENCODINGS:
            break
        value = value.origin[1]
    writer = _Writer(value, marked=True)
    source = writer.source()
    return None if source is None else Embedded(source, tuple(writer.unknown))


class _Writer:
    """Writes one text; `unknown` collects its unknown parts, if they are marked."""

    def __init__(self, value: Value, *, marked: bool) -> None:
        self.value = value
        self.marked = marked
        self.unknown: list[Value] = []

    def source(self) -> Source | None:
        value = self.value
        if value.origin is not None and value.origin[0] in TEMPLATES:
            template = value.origin[1]
            if template.span is not None:
                return self._from_template(template, template.span)
        if value.span is None:
            return None
        if isinstance(value.data, str):
            return _written(value, value.data, value.span)
        if isinstance(value.data, Unknown) and value.data.parts and self.marked:
            text = "".join(map(self._part, value.data.parts))
            return _hosted(value.span, text, _by_line(text, value.span.start))
        return None

    def _from_template(self, template: Value, span: Span) -> Source | None:
        pieces: Pieces = []
        texts: list[str] = []
        offset = 0
        place = span.start
        for part in _flat(template, span.source):
            text = self._text(part)
            if text is None:
                return None
            if part.span is not None and part.span.source is span.source:
                place = part.span.start
            if part.origin is not None and part.origin[0] == "text":
                known = part.origin[1].data
                pieces.extend((offset + here, there) for here, there in known)
            else:
                pieces.extend(_by_line(text, place, offset))
            if part.span is not None and part.span.source is span.source:
                place = part.span.end  # a value from elsewhere stands behind this text
            texts.append(text)
            offset += len(text)
        return _hosted(span, "".join(texts), pieces)

    def _text(self, part: Value) -> str | None:
        data = part.data
        if isinstance(data, str):
            return data
        if not isinstance(data, Unknown):
            return None
        if self.marked:
            return self._mark(part)
        return f"${{{part.span.text}}}" if part.span is not None else None

    def _part(self, part: str | Unknown) -> str:
        if isinstance(part, str):
            return part
        return self._mark(self.value.replace(data=part, origin=None, symbol=None))

    def _mark(self, part: Value) -> str:
        number = len(self.unknown)
        self.unknown.append(part)
        data = part.data
        words = data.name if isinstance(data, Unknown) else ""
        if part.span is not None and not words and part is not self.value:
            words = part.span.text
        name = _NO_NAME.sub("_", words[:60]).strip("_")
        return f"${{tf_{number}__{name}}}"


def _written(value: Value, text: str, span: Span) -> Source:
    """A known text: as it was written down somewhere, else all of it where it is used."""
    for place in (span, *(step.span for step in reversed(value.trail))):
        written = place.text
        if written == text:
            return _hosted(place, text, [(0, place.start)])
        if len(written) == len(text) + 2 and written[1:-1] == text:
            return _hosted(place, text, [(0, place.start + 1)])
    return _hosted(span, text, _by_line(text, span.start))


def _hosted(span: Span, text: str, pieces: Sequence[tuple[int, int]]) -> Source:
    return Source(span.path, text, host=span.source, pieces=tuple(pieces))


def _by_line(text: str, place: int, offset: int = 0) -> Pieces:
    """Every line of a text at the same place."""
    pieces = [(offset, place)]
    at = text.find("\n")
    while at >= 0:
        pieces.append((offset + at + 1, place))
        at = text.find("\n", at + 1)
    return pieces


def _flat(template: Value, source: Source) -> Iterator[Value]:
    """The parts of a template, those of templates inside it in their place."""
    waiting = [template]
    while waiting:
        here = waiting.pop()
        inner = here if here is template else None
        if inner is None and here.origin is not None and here.origin[0] in TEMPLATES:
            inner = here.origin[1]
        if inner is None or (
            inner.span is not None and inner.span.source is not source
        ):
            yield here
        else:
            waiting.extend(reversed(inner.data))
