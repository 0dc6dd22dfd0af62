"""Locations of SARIF: regions, contexts and snippets. Knows no rule.

There is no list of artifacts: without the files' contents, which may hold secrets, it
would say nothing that the locations do not say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsec_lint.patterns import regex
from mlsec_lint.report import safe
from mlsec_lint.report.places import Place, place
from mlsec_lint.report.snippet import scrub
from mlsec_lint.report.wording import clip

if TYPE_CHECKING:
    from mlsec_lint.report.snippet import Snippets
    from mlsec_lint.source import Span

#: A Terraform address, with the folder of its root in front where there are several.
_IN_ROOT = regex(
    r"(?:[^:\"\[\]]{1,1000}:)?((?:(?:module|data)\.|[a-z][a-z0-9]*_[a-z0-9_]*\.).*)",
    re.DOTALL,
)
#: A span of more lines than this is not shown whole.
_MAX_LINES = 20
#: Characters: of a snippet's region, and of a context, beyond which there is none.
_MAX_SNIPPET, _MAX_CONTEXT = 1_000, 4_000


class Places:
    """Makes locations over one result's masked texts."""

    def __init__(self, snippets: Snippets, prefix: str = "") -> None:
        self._snippets = snippets
        self._prefix = prefix
        self._made: dict[tuple[int, int, int, bool], dict[str, Any]] = {}

    def _artifact(self, path: str) -> dict[str, Any]:
        uri = safe.uri(f"{self._prefix}/{path}" if self._prefix else path)
        return {"uri": uri, "uriBaseId": "SRCROOT"}

    def file(self, path: str) -> dict[str, Any] | None:
        """A whole file; None where there is none."""
        if not path:
            return None
        return {"physicalLocation": {"artifactLocation": self._artifact(path)}}

    def location(
        self, span: Span, address: str = "", *, context: bool = False
    ) -> dict[str, Any]:
        """The narrowest region of a span, the lines around, the thing it belongs to."""
        key = (id(span.source), span.start, span.end, context)
        if key not in self._made:
            at = place(span)
            self._made[key] = {
                "artifactLocation": self._artifact(at.path),
                "region": self._region(at),
                "contextRegion": self._context(at) if context else None,
            }
        location: dict[str, Any] = {"physicalLocation": self._made[key]}
        if address:
            location["logicalLocations"] = [_logical(address)]
        return location

    def related(
        self, number: int, span: Span, words: str, address: str = ""
    ) -> dict[str, Any]:
        """A location that a message links to by its number."""
        text = clip(safe.sarif_text(scrub(words)), 1_000)
        return {
            "id": number,
            **self.location(span, address),
            "message": {"text": text or "See here."},
        }

    def _region(self, at: Place) -> dict[str, Any]:
        text = self._snippets.text(at.source)[at.start : at.end]
        return {
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": at.line,
            "endColumn": at.end_column,
            "snippet": {"text": safe.clean_code(clip(text, _MAX_SNIPPET))},
        }

    def _context(self, at: Place) -> dict[str, Any] | None:
        """The lines around: the whole span if it is short, else a line either side."""
        last_of_file = len(at.source.line_starts())
        first = max(1, at.line - 1)
        last = at.last_line if at.last_line - at.line < _MAX_LINES else at.line
        last = min(last_of_file, last + 1)
        starts = at.source.line_starts()
        end = starts[last] if last < last_of_file else len(at.source.text)
        if end - starts[first - 1] > _MAX_CONTEXT:
            return None
        text = self._snippets.lines(at.source, first, last)
        if first == last and at.end_column - at.column >= len(text):
            return None  # a context must be more than the region
        width = len(at.source.line_text(last))
        return {
            "startLine": first,
            "startColumn": 1,
            "endLine": last,
            "endColumn": width + 1,
            "snippet": {"text": text},
        }


def _logical(address: str) -> dict[str, Any]:
    name = safe.clean(address)
    return {
        "fullyQualifiedName": name,
        "name": _short(name),
        "kind": "resource",
    }


def _short(address: str) -> str:
    """A Terraform address as its root calls it; of others the last part of the path."""
    bare = _IN_ROOT.fullmatch(address)
    if bare is not None:
        return bare[1]
    return address.rsplit("/", 1)[-1] or address
