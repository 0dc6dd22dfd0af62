"""Texts inside expressions as Sources of their own, each offset led back to the file.

A heredoc with YAML, a quoted JSON policy, the result of a template file: whoever reads
the inner text with `embedded_source` gets spans in the very file that states it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.source import Source
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

TEMPLATES = ("template", "templatefile")
Pieces = list[tuple[int, int]]


def embedded_source(value: Value) -> Source | None:
    """The text of a string value, hosted by the file that holds its template.

    Parts that are not known stand in it as they are written (`${aws_kms_key.k.arn}`).
    None where the value is no text or nobody wrote it. A text that was computed leads
    back, line by line, to the expression that computes it.
    """
    if value.origin is not None and value.origin[0] in TEMPLATES:
        template = value.origin[1]
        if template.span is not None:
            return _from_template(template, template.span)
    if not isinstance(value.data, str) or value.span is None:
        return None
    for span in (value.span, *(step.span for step in reversed(value.trail))):
        if span.text[1:-1] == value.data:
            return _hosted(span, value.data, [(0, span.start + 1)])
    return _hosted(value.span, value.data, _by_line(value.data, value.span.start))


def _hosted(span: Span, text: str, pieces: Pieces) -> Source:
    return Source(span.path, text, host=span.source, pieces=tuple(pieces))


def _by_line(text: str, place: int, offset: int = 0) -> Pieces:
    """Every line of a text at the same place."""
    pieces = [(offset, place)]
    at = text.find("\n")
    while at >= 0:
        pieces.append((offset + at + 1, place))
        at = text.find("\n", at + 1)
    return pieces


def _from_template(template: Value, span: Span) -> Source | None:
    pieces: Pieces = []
    texts: list[str] = []
    offset = 0
    for part in _flat(template, span.source):
        text = _text(part)
        if text is None:
            return None
        place = part.span.start if part.span is not None else span.start
        if part.origin is not None and part.origin[0] == "text":
            pieces.extend((offset + here, there) for here, there in part.origin[1].data)
        else:
            pieces.extend(_by_line(text, place, offset))
        texts.append(text)
        offset += len(text)
    return _hosted(span, "".join(texts), pieces)


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


def _text(part: Value) -> str | None:
    data = part.data
    if isinstance(data, str):
        return data
    if isinstance(data, Unknown) and part.span is not None:
        return f"${{{part.span.text}}}"
    return None
