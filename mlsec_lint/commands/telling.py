"""Places and doubts as commands that print walks tell them, in words and in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.value import Unknown


def line_of(span: Span) -> str:
    """`path:line`, harmless on a terminal."""
    from mlsec_lint.report.safe import clean

    return f"{clean(span.path)}:{span.line}"


def location(span: Span) -> dict[str, Any]:
    """A span as JSON: docs/inventory.md."""
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def settled_by(unknown: Unknown) -> tuple[str, ...]:
    """The inputs that would settle what is not known."""
    from mlsec_lint.rules.message import inputs

    return inputs([unknown])


def perhaps(unknown: Unknown) -> str:
    """Why something is not certain, and what would settle it."""
    from mlsec_lint.report.safe import clean

    settle = ", ".join(settled_by(unknown))
    by = f"; {clean(settle)} would settle it" if settle else ""
    return f"perhaps: {clean(unknown.why)}{by}"
