"""Findings to text: one function per format.

`FORMATS` names the module of each format; `render_as` imports it when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsec_lint.finding import Result

#: Name on the command line -> module with a function `render(result, ...) -> str`.
FORMATS = {
    "text": "mlsec_lint.report.text",
    "sarif": "mlsec_lint.report.sarif",
    "json": "mlsec_lint.report.json",
    "markdown": "mlsec_lint.report.markdown",
    "github": "mlsec_lint.report.github",
    "gitlab": "mlsec_lint.report.gitlab",
    "junit": "mlsec_lint.report.junit",
}


def render_as(name: str, result: Result, **options: Any) -> str:
    """The result in the format of that name (a key of FORMATS); options are its own."""
    from importlib import import_module

    text = import_module(FORMATS[name]).render(result, **options)
    assert isinstance(text, str)
    return text
