"""The picture of the ways out as text: one module with `render(picture)` per format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.picture import Picture

#: Name on the command line -> module with a function `render(picture) -> str`.
FORMATS = {
    "html": "mlsec_lint.report.map.html",
    "svg": "mlsec_lint.report.map.svg",
    "mermaid": "mlsec_lint.report.map.mermaid",
    "dot": "mlsec_lint.report.map.dot",
    "json": "mlsec_lint.report.map.json",
}


def render_as(name: str, picture: Picture) -> str:
    """The picture in the format of that name (a key of FORMATS)."""
    from importlib import import_module

    text = import_module(FORMATS[name]).render(picture)
    assert isinstance(text, str)
    return text
