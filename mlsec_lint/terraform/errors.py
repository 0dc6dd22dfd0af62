"""What an evaluation can end in. Raised inside the evaluator only, never out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.source import Span


class EvaluationError(Exception):
    """Terraform would refuse this expression; `try` and `can` catch it.

    `summary` and `detail` are Terraform's own words where we know them, `span` the
    piece of source that Terraform would underline.
    """

    def __init__(self, summary: str, detail: str, span: Span | None = None) -> None:
        super().__init__(f"{summary}: {detail}")
        self.summary = summary
        self.detail = detail
        self.span = span


class BoundExceededError(Exception):
    """The result is larger than we are willing to build; never an error of Terraform's.

    `call_function` and the operations turn it into `Unknown("bound", why)`, so that
    `try` does not take a fallback that Terraform would not take.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
