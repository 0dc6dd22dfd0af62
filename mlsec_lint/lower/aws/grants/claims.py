"""What a claim of a CI system's token binds it to, alone or as a part of a subject.

A subject may be put together from claims that a repository chooses, as `claim:value`
pairs in any order. A `:` within a value is replaced, so that a pair binds wherever it
stands. What the author of any workflow sets (`workflow`, `environment`, `ref`, `actor`)
binds to nobody. Which claim is of which sort is data (policies/data/oidc_issuers.json).
"""

from __future__ import annotations

import re
from functools import cache

from mlsec_lint.estate.tables import document

_BARE = "pull_request"


@cache
def _sorts(platform: str) -> dict[str, str]:
    """Claim to its sort, for one platform of the table."""
    rows: dict[str, list[str]] = document("oidc_issuers.json")["claims"].get(
        platform, {}
    )
    return {claim: sort for sort, claims in rows.items() for claim in claims}


def claim_width(platform: str, claim: str, value: str, *, whole: bool) -> str | None:
    """How much of a platform one claim lets in; None where the table lacks it.

    `value` is what is compared, up to the first wildcard unless it is `whole`. One of
    `repository`, `organisation` and `everyone`.
    """
    sort = _sorts(platform).get(claim.lower())
    if sort is None:
        return None
    owner, slash, rest = value.partition("/")
    bound = bool(owner) and (bool(slash) or "@" in owner)
    match sort:
        case "repository_number":
            return "repository" if whole and value else "everyone"
        case "organisation":
            return "organisation" if whole and value else "everyone"
        case "repository":
            # no name holds an @: behind it stands the number of an immutable subject
            named = bool(slash) and bool(rest) and (whole or "@" in rest)
        case "file":
            named = bool(slash) and "/" in rest.lstrip("/")
        case _:
            return "everyone"
    if bound and named:
        return "repository"
    return "organisation" if bound else "everyone"


def subject_width(platform: str, subject: str, *, exact: bool) -> str | None:
    """How much a subject of chosen claims lets in, None where it is no such subject.

    Subjects of the default form (`repo:ORG/REPO:...`) are left to the issuer's row.
    """
    sorts = _sorts(platform)
    parts = subject.split(":")
    if len(parts) < 2 or parts[0] not in sorts or parts[0] == "repo":
        return None
    widths = ["everyone"]
    at = 0
    while at + 1 < len(parts):
        claim, value = parts[at], parts[at + 1]
        if claim == _BARE or claim not in sorts:
            at += 1
            continue
        fixed = value if exact else re.split(r"[*?]", value, maxsplit=1)[0]
        width = claim_width(platform, claim, fixed, whole=fixed == value)
        widths.append(width or "everyone")
        at += 2
    found = min(widths, key=("repository", "organisation", "everyone").index)
    if found == "repository" and _BARE in parts:
        return "pull-requests"
    wild = not exact and any(c in subject for c in "*?")
    return "subject" if found == "repository" and not wild else found
