"""Whom a statement for everyone means after all, since its conditions name accounts.

`Principal: "*"` with `aws:PrincipalAccount` is a grant to that account, and with
`s3:DataAccessPointAccount` to whomever the access points of that account let in (Amazon
S3 user guide, "Delegating access control to access points", 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.arns import ACCOUNT, field_of
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.source import Span

_PRINCIPALS = ("aws:principalaccount", "aws:principalarn")
_POINTS = ("s3:dataaccesspointaccount", "s3:dataaccesspointarn")
_POSITIVE = ("stringequals", "stringlike", "stringequalsignorecase", "arnequals")
_WILD = regex(r"[*?]")
_NUMBER = regex(r"\d{12}")


class Pinned(NamedTuple):
    """An account that a condition names, and where.

    `arn` is who there asks, one whom its pattern covers; with `point` it is the access
    point that is asked through, "" where any of the account is meant.
    """

    account: str
    arn: str
    point: bool
    span: Span | None


def pinned(clause: Clause) -> Iterator[Pinned]:
    """The accounts, by number, that a statement for everyone is limited to."""
    found: dict[Pinned, None] = {}
    for test in clause.conditions:
        operator = test.operator.lower().rpartition(":")[2].removesuffix("ifexists")
        key = test.key.lower()
        if operator not in (*_POSITIVE, "arnlike") or key not in _PRINCIPALS + _POINTS:
            continue
        for value in test.values:
            arn = value if key.endswith("arn") else ""
            number = field_of(arn, ACCOUNT) if arn else value
            if number is not None and _NUMBER.fullmatch(number):
                one = _WILD.sub("x", arn)
                found[Pinned(number, one, key in _POINTS, test.span)] = None
    yield from found
