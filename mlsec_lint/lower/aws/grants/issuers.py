"""Token issuers that trust policies name, and how much of one a subject takes in.

Which issuers there are, and how their subjects begin, is data with a date
(policies/data/oidc_issuers.json).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.aws.grants.claims import subject_width
from mlsec_lint.lower.aws.grants.match import NUL

if TYPE_CHECKING:
    from collections.abc import Iterable

#: From narrow to wide, as the fact `trust.ci.scope` has them.
SCOPES = ("subject", "repository", "pull-requests", "organisation", "everyone")


class Issuer(NamedTuple):
    """One row of the table. `sort`: ci, cluster, people or other.

    `claims` names the platform's table of claims where a subject may be made of them.
    """

    host: str
    platform: str
    sort: str
    shared: bool
    owner: str = ""
    repository: str = ""
    pull_request: str = ""
    claims: str = ""


@cache
def issuers() -> tuple[Issuer, ...]:
    """All rows of the table."""
    return tuple(Issuer(**row) for row in document("oidc_issuers.json")["issuers"])


def issuer_of(host: str) -> Issuer | None:
    """The row of an issuer by its host and path (no scheme); None for one not listed."""
    host = host.removeprefix("https://").rstrip("/")
    for row in issuers():
        if wildcard(row.host, host):
            return row
    return None


def scope_of(issuer: Issuer, patterns: Iterable[str], *, exact: bool) -> str | None:
    """How much of an issuer some patterns of subjects take in; None where unknown.

    `exact` patterns are compared as they stand. The widest of the patterns counts. What
    is private to an organisation is never wider than it.
    """
    widest = 0
    unsure = False
    for pattern in patterns:
        scope = _scope(issuer, pattern, exact=exact)
        if scope is None:
            unsure = True
            continue
        widest = max(widest, SCOPES.index(scope))
    narrow = SCOPES.index("pull-requests")
    return None if unsure and widest < narrow else SCOPES[widest]


def everyone_of(issuer: Issuer) -> str:
    """The scope of a trust that compares no subject."""
    return "everyone" if issuer.shared else "organisation"


def _scope(issuer: Issuer, pattern: str, *, exact: bool) -> str | None:
    known, hidden, _ = pattern.partition(NUL)
    fixed = known if exact else re.split(r"[*?]", known, maxsplit=1)[0]
    wild = not exact and len(fixed) < len(known)
    if hidden and not wild:
        return _of_hidden(issuer, pattern, fixed, exact=exact)
    chosen = subject_width(issuer.claims, known, exact=exact) if issuer.claims else None
    if chosen is not None:
        return everyone_of(issuer) if chosen == "everyone" else chosen
    if issuer.pull_request and known.endswith(issuer.pull_request):
        bound = _begins(issuer.owner, fixed)
        return "pull-requests" if bound else everyone_of(issuer)
    if not wild:
        return "subject"
    if issuer.repository and _begins(issuer.repository, fixed):
        return "repository"
    if issuer.owner and _begins(issuer.owner, fixed):
        return "organisation"
    return everyone_of(issuer)


def _of_hidden(issuer: Issuer, pattern: str, fixed: str, *, exact: bool) -> str | None:
    """A subject with a part that is not known: what is left of it may tell all the same."""
    if issuer.pull_request and pattern.endswith(issuer.pull_request):
        return "pull-requests"
    if issuer.repository and _begins(issuer.repository, fixed):
        return "subject" if exact else "repository"
    parts = pattern.split(NUL)
    filled = "".join(p if n % 2 == 0 else "x" for n, p in enumerate(parts))
    if issuer.repository and fixed and filled.startswith(fixed):
        tail = filled if exact else re.split(r"[*?]", filled, maxsplit=1)[0]
        if _begins(issuer.repository, tail):
            return "subject" if exact or tail == filled else "repository"
        if len(tail) < len(filled) and not exact:
            bound = issuer.owner and _begins(issuer.owner, tail)
            return "organisation" if bound else everyone_of(issuer)
    return None


def _begins(template: str, text: str) -> bool:
    """Whether a text begins with a template in which {} stands for a name."""
    if not template:
        return True
    at = 0
    pieces = template.split("{}")
    if not text.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for piece in pieces[1:]:
        if not piece:
            return at < len(text)
        found = text.find(piece, at + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return True
