"""Policies that AWS itself manages, by name. Read from a dated table, and only if asked.

A policy of which the table does not know is a clause of doubt: it may allow anything.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from mlsec_lint.estate.tables import document, edition
from mlsec_lint.lower.aws.grants.clause import Clause, clause_of_json, doubtful

if TYPE_CHECKING:
    from mlsec_lint.source import Span

TABLE = "aws_managed_policies.json"
_PREFIX = ":iam::aws:policy/"


def managed_name(arn: str) -> str | None:
    """The name in the ARN of an AWS-managed policy (with its path); None for others."""
    start, found, name = arn.partition(_PREFIX)
    return name if found and start.startswith("arn:") and name else None


def managed_clauses(name: str, span: Span | None = None) -> tuple[Clause, ...]:
    """The clauses of a managed policy, each at the attachment's `span`.

    Empty for a policy that allows nothing which leads to weights.
    """
    last = name.rpartition("/")[2]
    if "\0" in name or (name not in _policies() and last not in _quiet()):
        as_of = edition(TABLE).as_of
        shown = "a policy of AWS" if "\0" in name else f"the policy {last}"
        why = f"what {shown} allows is not known (table of {as_of})"
        return (doubtful(why, span, last),)
    return tuple(replace(clause, span=span) for clause in _clauses(name))


@cache
def _policies() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = document(TABLE)["policies"]
    return found


@cache
def _quiet() -> frozenset[str]:
    return frozenset(document(TABLE)["quiet"])


@cache
def _clauses(name: str) -> tuple[Clause, ...]:
    entry = _policies().get(name)
    statements = entry["st"] if entry is not None else []
    assert isinstance(statements, list)
    last = name.rpartition("/")[2]
    return tuple(clause_of_json(statement, last) for statement in statements)
