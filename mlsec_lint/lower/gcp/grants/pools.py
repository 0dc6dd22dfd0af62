"""Workload identity pools: whose tokens their providers take, and how much of a CI system.

A provider without an attribute condition takes every token of its issuer; what a member
names (a subject, an attribute's value, the whole pool) narrows it. (Google Cloud, IAM,
"Workload Identity Federation" and "... with deployment pipelines", 2026-11.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.claims import claim_width
from mlsec_lint.lower.aws.grants.issuers import issuer_of, scope_of
from mlsec_lint.lower.gcp.confidential_space import POOL, PROVIDER
from mlsec_lint.lower.gcp.grants.texts import canonical, hole, same, told, whole
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: From narrow to wide.
WIDTHS = ("subject", "repository", "pull-requests", "organisation", "everyone")
#: Claims by what a single value of them narrows to (GitHub, GitLab, HCP Terraform,
#: Buildkite, CircleCI, Bitbucket documentation, 2026-11). Others narrow nothing.
_CLAIMS = {
    "subject": (
        "sub",
        "job_workflow_ref",
        "workflow_ref",
        "job_workflow_sha",
        "terraform_workspace_id",
    ),
    "repository": (
        *("repository", "repository_id", "project_path", "project_id"),
        *("pipeline_slug", "terraform_workspace_name", "repositoryuuid"),
        "oidc.circleci.com/project-id",
    ),
    "organisation": (
        *("repository_owner", "repository_owner_id", "namespace_path", "namespace_id"),
        *("terraform_organization_name", "terraform_organization_id", "enterprise"),
        *("organization_slug", "organization_id", "user_login", "aud"),
    ),
}
_WIDTH_OF = {claim: width for width, claims in _CLAIMS.items() for claim in claims}
_COMPARED = regex(
    r"(?:assertion|attribute|google)\.([a-z_]+|subject)\s*(==|in\b)|"
    r"(?:assertion|attribute|google)\[['\"]([^'\"]{1,80})['\"]\]\s*(==|in\b)|"
    r"(?:assertion|attribute|google)\.([a-z_]+)\.(startsWith|matches)\("
)
_LITERAL = regex(r"""\s*r?(?:"([^"]{0,500})"|'([^']{0,500})')""")
_LITERALS = regex(r"""\s*\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]""")
#: The plain beginning of a regular expression, and a choice that follows it.
_PLAIN = regex(r"\^?((?:\\{1,2}\.|\.(?![*+?])|[^.\\\[(*+?|^$])*)(\((?!\.)|\[|\|)?")
_HOST = regex(r"https?://([^/\s]+)(/.*)?")


class Taken(NamedTuple):
    """Whose tokens a member of a pool stands for, by one provider.

    `host` is the issuer's, "" where it is not known; `account` the AWS account of a
    provider for AWS. `width` is one of WIDTHS, "" where nobody can tell. `bound`: the
    provider has a condition (None where nobody can tell), at `span`. `cluster`: the
    issuer is a Kubernetes cluster's.
    """

    host: str
    width: str
    account: str = ""
    doubt: str = ""
    bound: bool | None = None
    span: Span | None = None
    cluster: bool = False


class Pools:
    """The workload identity pools that a scan declares, with their providers."""

    def __init__(self, index: TerraformIndex) -> None:
        self._providers: list[tuple[RootIndex, Resource, str]] = []
        for here in index.roots:
            for provider in here.of(PROVIDER):
                value = given(provider.values, "workload_identity_pool_id")
                name = _pool_name(here, value)
                self._providers.append((here, provider, name))

    def taken(self, pool: str, rest: str) -> Iterator[Taken]:
        """Whose tokens a member may have: one per provider of the pool, one at least."""
        found = False
        for here, provider, name in self._providers:
            fits = same(name, pool)
            disabled = given(provider.values, "disabled")
            if fits is False or (disabled is not None and disabled.boolean() is True):
                continue
            found = True
            doubt = "" if fits else "whether its provider is of that pool is not known"
            yield self.provider(here, provider, rest, doubt)
        if not found:
            yield Taken(
                "", _by_member(rest, {}), "", "the scan holds no provider of it"
            )

    def provider(
        self, here: RootIndex, provider: Resource, rest: str = "*", doubt: str = ""
    ) -> Taken:
        """Whose tokens a member may have by one provider; `*` is every member."""
        taken = _by_provider(here, provider, rest, doubt)
        condition = given(provider.values, "attribute_condition")
        span = provider.span if condition is None else span_of(condition, provider)
        return taken._replace(bound=_bound(here, condition), span=span)


def _pool_name(here: RootIndex, value: Value | None) -> str:
    """A pool by its id, else by its declaration's address."""
    for pool in here.parents(value, (POOL,)):
        text = here.attribute(pool, "workload_identity_pool_id")
        label = f"{pool.address}.workload_identity_pool_id"
        return canonical(text, here.prefix) or hole(label, here.prefix)
    return told(here, value).rpartition("/")[2] if value else ""


def _by_provider(here: RootIndex, provider: Resource, rest: str, doubt: str) -> Taken:
    mapping = _mapping(here, provider)
    condition = given(provider.values, "attribute_condition")
    text = told(here, condition)
    issued = told(here, given(provider.values, "oidc", "issuer_uri"))
    widths = [
        _by_member(rest, mapping, issued),
        _by_condition(text, mapping, issued),
    ]
    known = [w for w in widths if w]
    width = min(known, key=WIDTHS.index) if known else ""
    if "" in widths and width in ("organisation", "everyone"):
        width = ""  # the other one, which is not known, may be narrower
    issuer = given(provider.values, "oidc", "issuer_uri")
    if issuer is not None:
        match = _HOST.fullmatch(told(here, issuer))
        host = match[1] if match and whole(match[1]) else ""
        if match and host and of_clusters(f"{host}{match[2] or ''}"):
            return Taken(host, width, "", doubt, cluster=True)
        if width == "everyone" and host and not shared(host):
            width = "organisation"  # whoever uses the issuer is of one organisation
        doubt = doubt if host else doubt or "its issuer is unknown"
        return Taken(host, width, "", doubt)
    account = told(here, given(provider.values, "aws", "account_id"))
    if account:
        return Taken("", width, account, doubt)
    return Taken("", width, "", doubt or "whose tokens it takes is not known")


def shared(host: str) -> bool:
    """Whether others than the lab have tokens of an issuer, as far as the table knows."""
    row = issuer_of(host)
    return row is not None and row.shared


def of_clusters(issuer: str) -> bool:
    """Whether an issuer is a Kubernetes cluster's."""
    row = issuer_of(issuer)
    return row is not None and row.sort == "cluster"


def _bound(here: RootIndex, condition: Value | None) -> bool | None:
    if condition is None:
        return False
    text = here.text_of(condition)
    if isinstance(text, Unknown):
        return True if text.parts else None
    return bool(text)


def _mapping(here: RootIndex, provider: Resource) -> dict[str, str]:
    """Attribute to the claim that it repeats, where it is only that."""
    found: dict[str, str] = {}
    mapping = given(provider.values, "attribute_mapping")
    for name, value in mapping.items() if mapping is not None else ():
        claim = told(here, value).strip()
        match = re.fullmatch(r"assertion\.([\w-]+)|assertion\[['\"](.+)['\"]\]", claim)
        if match is not None:
            found[name] = (match[1] or match[2]).lower()
    return found


def _by_member(rest: str, mapping: dict[str, str], issued: str = "") -> str:
    """How much of the issuer a member names: what stands behind the pool."""
    kind, _, value = rest.partition("/")
    if rest == "*" or kind == "group":
        return "everyone" if rest == "*" else ""
    if kind == "subject":
        if value.endswith(":pull_request"):
            return "pull-requests"
        claim = mapping.get("google.subject", "sub")
        return _width(claim, value, "==", issued)
    if kind.startswith("attribute."):
        claim = mapping.get(kind, kind.removeprefix("attribute."))
        return _WIDTH_OF.get(claim, "everyone")
    return ""


def _by_condition(text: str, mapping: dict[str, str], issued: str) -> str:
    """How much a provider's condition lets in; "" where it cannot be told."""
    if not text:
        return "everyone"
    if not whole(text) and not _COMPARED.search(text):
        return ""
    parts = text.split("||")[:50]
    alternatives = [_one_alternative(part, mapping, issued) for part in parts]
    return max(alternatives, key=WIDTHS.index)


def _one_alternative(text: str, mapping: dict[str, str], issued: str) -> str:
    widths = ["everyone"]
    for match in _COMPARED.finditer(text):
        name = (match[1] or match[3] or match[5] or "").lower()
        for attribute in (f"attribute.{name}", f"google.{name}"):
            name = mapping.get(attribute, name) if attribute in mapping else name
        how = match[2] or match[4] or match[6]
        literals = _literals(text, match.end(), how)
        found = [_width(name, value, how, issued) for value in literals]
        widths.append(max(found, key=WIDTHS.index))
    return min(widths, key=WIDTHS.index)


def _literals(text: str, at: int, how: str) -> list[str | None]:
    """What stands behind a comparison; None for what is no whole text."""
    if how == "in":
        several = _LITERALS.match(text, at)
        found = _LITERAL.findall(several[1]) if several else []
        return [double or single for double, single in found] or [None]
    one = _LITERAL.match(text, at)
    return [None if one is None else one[1] or one[2] or ""]


def _width(claim: str, value: str | None, how: str, issued: str) -> str:
    """What one comparison of a claim narrows to: by its value, where it is known."""
    known = _WIDTH_OF.get(claim, "everyone")
    row = issuer_of(issued) if issued else None
    start = how != "==" and how != "in"
    if row is not None and value is not None and whole(value):
        if how == "matches":
            start, beginning = _beginning(value)
            if beginning is None:
                return known
            value = beginning
        if claim == "sub":
            pattern = f"{value}*" if start else value
            return scope_of(row, [pattern], exact=not start) or known
        width = claim_width(row.claims, claim, value, whole=not start)
        if width is not None:
            return width
    # a beginning such as `org/`
    return "organisation" if start and known == "repository" else known


def _beginning(pattern: str) -> tuple[bool, str | None]:
    """What an expression's matches begin with, and whether more may follow it.

    None where they begin with one of several texts.
    """
    match = _PLAIN.match(pattern)
    if match is None or match[2]:
        return True, None
    closed = pattern.startswith("^") and pattern[match.end() :] == "$"
    return not closed, re.sub(r"\\+\.", ".", match[1])
