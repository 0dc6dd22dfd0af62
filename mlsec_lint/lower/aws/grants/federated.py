"""Trusts in token issuers: CI systems, clusters, sign-in of people.

AWS gives the claims of a token as condition keys `HOST:sub` and `HOST:aud`; a key that
is known in part (`${issuer}:sub`) is read by its end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants import outsiders
from mlsec_lint.lower.aws.grants.actions import ASSUME_SAML, ASSUME_WEB
from mlsec_lint.lower.aws.grants.claims import claim_width
from mlsec_lint.lower.aws.grants.decide import acts_on
from mlsec_lint.lower.aws.grants.issuers import (
    SCOPES,
    everyone_of,
    issuer_of,
    scope_of,
)
from mlsec_lint.lower.aws.grants.match import (
    NO,
    NUL,
    YES,
    covers,
    equals,
    has_hole,
    text_with_holes,
)
from mlsec_lint.lower.in_terraform.clusters import symbols_in
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import type_of
from mlsec_lint.value import Symbol, Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.conditions import Test
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.issuers import Issuer
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_PROVIDER = ":oidc-provider/"
#: What stands for the issuer of a cluster whose address is known once it is made.
_CLUSTER = "oidc.eks.of-the-scan"
_EKS = "aws_eks_cluster"
_RESOURCE = "aws_iam_openid_connect_provider"
_SAML = ":saml-provider/"
_ACCOUNT = "system:serviceaccount:"
_POSITIVE = {
    "stringequals": True,
    "stringequalsignorecase": True,
    "stringlike": False,
    "arnlike": False,
    "arnequals": False,
}
#: Claims by which an issuer binds a token to a repository, beside the subject.
_REPOSITORY_CLAIMS = (
    "repository",
    "repository_id",
    "project_path",
    "project_id",
    "job_workflow_ref",
)
_OWNER_CLAIMS = ("namespace_path", "namespace_id")


class _Subject(NamedTuple):
    """The patterns that a statement compares a subject with; None for none."""

    patterns: tuple[str, ...] | None
    exact: bool
    span: Span | None
    doubt: str = ""


def link_federated(estate: Estate, role: Holder, clause: Clause, name: str) -> None:
    """Link whoever a federated principal's statement lets assume a role."""
    web = acts_on(clause, ASSUME_WEB)
    if web is NO and acts_on(clause, ASSUME_SAML) is NO:
        return
    if _SAML in name or web is NO:
        _people(estate, role, clause, name)
        return
    host = _host(role, name)
    subject = _subject(clause)
    issuer = issuer_of(host) if host else None
    if (
        issuer is None and any(p.startswith(_ACCOUNT) for p in subject.patterns or ())
    ) or (issuer is not None and issuer.sort == "cluster"):
        _cluster(estate, role, clause, subject)
    elif issuer is not None and issuer.sort == "ci":
        _ci(estate, role, clause, issuer, host, subject)
    elif issuer is not None and issuer.sort == "people":
        _people(estate, role, clause, host)
    else:
        _other(estate, role, clause, host or _by_key(clause), name, subject)


def _provider(here: RootIndex, name: str) -> Resource | None:
    """The provider resource or data source that a hole stands for."""
    if not (name.startswith(NUL) and name.endswith(NUL)):
        return None
    address, _, attribute = name.strip(NUL).removeprefix("!").rpartition(".")
    resource = here.resolve(Symbol(address, (attribute,)))
    if resource is None or not type_of(resource).endswith(_RESOURCE):
        return None
    return resource


def _url(here: RootIndex, name: str) -> str:
    """The issuer of the provider that a hole stands for: `CLUSTER` for one of EKS."""
    resource = _provider(here, name)
    if resource is None:
        return ""
    text = text_with_holes(here.attribute(resource, "url"))
    host = text.removeprefix("https://").rstrip("/")
    if not host.startswith(NUL):
        return host
    issued = [
        type_of(one)
        for symbol in symbols_in(given(resource.values, "url"))
        for one in here.resolve_all(symbol)
    ]
    return _CLUSTER if _EKS in issued else ""


def _host(role: Holder, name: str) -> str:
    """The issuer's host and path, "" where it is not known."""
    if _PROVIDER in name:
        host = name.partition(_PROVIDER)[2]
        return _url(role.here, host) if host.startswith(NUL) else host
    if name.startswith("https://"):
        return name.removeprefix("https://").rstrip("/")
    url = _url(role.here, name)
    if url:
        return url
    return name if name and not has_hole(name) and not name.startswith("arn:") else ""


def _by_key(clause: Clause) -> str:
    """The issuer by the keys of conditions: `token.actions.githubusercontent.com:sub`."""
    for test in clause.conditions:
        host, _, claim = test.key.rpartition(":")
        if claim in ("sub", "aud") and host and not has_hole(host) and "." in host:
            return host
    return ""


def _subject(clause: Clause) -> _Subject:
    found = _Subject(None, exact=False, span=None)
    for test in clause.conditions:
        if test.doubt:
            found = found._replace(doubt=test.doubt)
        if test.key.lower().rpartition(":")[2] != "sub":
            continue
        exact = _exact(test)
        if exact is not None and (found.patterns is None or exact):
            found = found._replace(patterns=test.values, exact=exact, span=test.span)
    return found


def _exact(test: Test) -> bool | None:
    """Whether a test compares as it stands; None for one that binds nothing."""
    operator = test.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    return _POSITIVE.get(operator)


def _ci(
    estate: Estate,
    role: Holder,
    clause: Clause,
    issuer: Issuer,
    host: str,
    subject: _Subject,
) -> None:
    """A CI system: the edge, and how much of it comes in."""
    at = subject.span or clause.whom or role.identity.span
    who = outsiders.outsider(estate, f"ci:{host}", "ci", at)
    who.state("issuer", host, at)
    by_claims = _by_claims(clause, issuer)
    if subject.patterns is None:
        scope: str | None = by_claims or everyone_of(issuer)
    else:
        scope = scope_of(issuer, subject.patterns, exact=subject.exact)
    if scope in SCOPES[3:] and by_claims is not None:
        scope = min(scope, by_claims, key=SCOPES.index)
    words = f"{clause.words} lets {issuer.platform} assume it ({_shown(scope)})"
    doubt = clause.unsure or (subject.doubt if scope in (None, "everyone") else "")
    value: str | Unknown = scope or Unknown(
        "variable", "the subject is not known", span=at
    )
    if doubt and scope != "subject":
        value = Unknown("unsupported", doubt, span=at)
    role.identity.also("trust.ci.scope", value, at, trail=clause.trail)
    estate.link(who, "becomes", role.identity, at, words, certain=not doubt, why=doubt)


def _shown(scope: str | None) -> str:
    return {
        "subject": "one subject",
        "repository": "one repository",
        "pull-requests": "pull requests",
        "organisation": "every repository of an organisation",
        "everyone": "everybody who uses it",
        None: "whom is not known",
    }[scope]


def _by_claims(clause: Clause, issuer: Issuer) -> str | None:
    """What claims other than the subject bind a token to; None for nothing."""
    widths = [
        width
        for test in clause.conditions
        if _exact(test) is not None and (width := _by_claim(test, issuer)) is not None
    ]
    return min(widths, key=SCOPES.index, default=None)


def _by_claim(test: Test, issuer: Issuer) -> str | None:
    """The widest that the values of one claim let in; None where it binds nothing."""
    claim = test.key.rpartition(":")[2].lower()
    widths: list[str] = []
    for value in test.values:
        wild = not _exact(test) and bool(set("*?") & set(value))
        fixed = re.split(r"[*?]", value, maxsplit=1)[0] if wild else value
        width = None
        if issuer.claims and not has_hole(value):
            width = claim_width(issuer.claims, claim, fixed, whole=not wild)
        elif claim in _REPOSITORY_CLAIMS:
            width = "everyone" if wild else "repository"
        elif claim in _OWNER_CLAIMS:
            width = "everyone" if wild else "organisation"
        widths.append(width or "everyone")
    widest = max(widths, key=SCOPES.index, default="everyone")
    return None if widest == "everyone" else widest


def _cluster(estate: Estate, role: Holder, clause: Clause, subject: _Subject) -> None:
    """Service accounts of a cluster: those of the scan that a subject takes in."""
    span = subject.span or clause.whom or role.identity.span
    for account in _accounts(estate):
        name = account.name.removeprefix("ServiceAccount/").replace("/", ":", 1)
        answer = YES
        if subject.patterns is not None:
            compare = equals if subject.exact else covers
            answers = [compare(p, f"{_ACCOUNT}{name}") for p in subject.patterns]
            answer = max(answers, key=lambda a: a.value, default=NO)
        if answer is NO or _linked(estate, account, role.identity):
            continue
        certain = answer is YES and not clause.unsure and not subject.doubt
        why = "" if certain else "which service accounts it takes is not all known"
        words = f"{clause.words} of its trust policy lets {account.name} assume it"
        estate.link(
            account, "becomes", role.identity, span, words, certain=certain, why=why
        )


def _accounts(estate: Estate) -> list[Thing]:
    return [t for t in estate.of("identity") if t.name.startswith("ServiceAccount/")]


def _linked(estate: Estate, account: Thing, role: Thing) -> bool:
    return any(
        e.target is role and e.certain for e in estate.edges_from(account, "becomes")
    )


def _people(estate: Estate, role: Holder, clause: Clause, name: str) -> None:
    """People who sign in by SAML or a user pool."""
    span = clause.whom or role.identity.span
    shown, _ = outsiders.shown_text(name.rpartition("/")[2] or name)
    who = outsiders.outsider(
        estate, f"sign-in:{shown}", "group", span, f"people of {shown}"
    )
    who.state("person", value=True, span=span)
    words = f"{clause.words} lets people who sign in by {shown} assume it"
    estate.link(who, "becomes", role.identity, span, words, certain=True)


def _other(
    estate: Estate,
    role: Holder,
    clause: Clause,
    host: str,
    name: str,
    subject: _Subject,
) -> None:
    """An issuer that the table does not list, or that is not known."""
    span = subject.span or clause.whom or role.identity.span
    listed = issuer_of(host) if host else None
    if listed is not None and listed.sort == "ci":
        _ci(estate, role, clause, listed, host, subject)
        return
    if listed is not None and listed.sort == "cluster":
        _cluster(estate, role, clause, subject)
        return
    shown, hidden = outsiders.shown_text(host or name)
    if hidden or not host:
        who = outsiders.unknown_one(estate, f"issuer {shown}", span)
        why = "whose tokens it takes is not known"
    else:
        who = outsiders.outsider(estate, f"ci:{shown}", "unknown", span)
        who.state("issuer", shown, span)
        why = f"what {shown} is, the table of issuers does not say"
    words = f"{clause.words} lets holders of its tokens assume it"
    estate.link(who, "becomes", role.identity, span, words, certain=False, why=why)
