"""What can be wrong with a text: problems as data, and the one way out of a parse."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One error from `start` to `end`; `summary` is Terraform's own, `detail` ours."""

    start: int
    end: int
    summary: str
    detail: str = ""
    kind: str = "syntax-error"


class Abandon(Exception):  # noqa: N818 - it carries a problem, it is none
    """Leaves the item being parsed. Caught by the body (or text) that holds the item.

    `index` is the token at which the parser stood; `problem` is None when the reason
    was reported before.
    """

    def __init__(self, index: int, problem: Problem | None) -> None:
        super().__init__(problem)
        self.index = index
        self.problem = problem
