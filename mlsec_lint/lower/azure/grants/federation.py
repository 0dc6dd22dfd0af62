"""Federated credentials: tokens of which issuer and subject become an Azure identity.

The subject is compared as it stands, wildcards in it are letters (learn.microsoft.com,
"Workload identity federation", read 2026-11); only a flexible credential matches
patterns, by an expression on claims. An issuer belongs to one cluster, so that a service
account of it is one account of one cluster.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.aws.grants.issuers import issuer_of, scope_of
from mlsec_lint.lower.azure.grants.principals import (
    APPLICATION,
    CLUSTER,
    USER_ASSIGNED,
    declared,
)
from mlsec_lint.lower.kubernetes.makers import Makers, Trusted, named
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.stores import written
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_OF_IDENTITY = "azurerm_federated_identity_credential"
_OF_APPLICATION = "azuread_application_federated_identity_credential"
_FLEXIBLE = "azuread_application_flexible_federated_identity_credential"
_ACCOUNT = "system:serviceaccount:"
_OWNERS = (
    USER_ASSIGNED,
    f"data.{USER_ASSIGNED}",
    APPLICATION,
    "azuread_application_registration",
    f"data.{APPLICATION}",
)
_CLUSTER_HOSTS = ("oic.prod-aks.azure.com", "oidc.prod-aks.azure.com")
_MATCHES = regex(
    r"claims\['sub'\]\s+(?P<how>matches|eq)\s+'(?P<text>[^']*)'", re.IGNORECASE
)


class Trust(NamedTuple):
    """A credential of an identity: whose tokens, and the line to point at."""

    identity: Thing
    issuer: str | Unknown
    subject: str | Unknown
    clusters: tuple[str, ...]
    span: Span
    flexible: bool


def link_federations(index: TerraformIndex, inputs: Inputs, estate: Estate) -> None:
    """Edges from service accounts and CI systems to the identities that trust them.

    Accounts that somebody may make count as well, in the cluster of the issuer.
    """
    makers = Makers(inputs, estate)
    accounts: dict[str, list[Thing]] = {}
    for thing in estate.of("identity"):
        for name in dict.fromkeys((thing.name, thing.address)):
            if name.startswith("ServiceAccount/"):
                accounts.setdefault(name, []).append(thing)
    for here in index.roots:
        for kind in (_OF_IDENTITY, _OF_APPLICATION, _FLEXIBLE):
            for resource in here.of(kind):
                for trust in _trusts(here, estate, resource):
                    _link(estate, trust, accounts)
                    _to_come(trust, makers)


def _trusts(here: RootIndex, estate: Estate, resource: Resource) -> Iterator[Trust]:
    owner = _first(
        resource, "user_assigned_identity_id", "parent_id", "application_id"
    ) or _first(resource, "application_object_id")
    subject = _first(resource, "subject", "claims_matching_expression")
    issuer = _first(resource, "issuer")
    if owner is None or subject is None:
        return
    clusters = here.parents(issuer, (CLUSTER, f"data.{CLUSTER}"))
    for found in here.parents(owner, _OWNERS):
        yield Trust(
            declared(here, estate, found),
            _text(here, issuer),
            _text(here, subject),
            tuple(here.address(cluster) for cluster in clusters),
            span_of(subject, resource),
            resource.type == _FLEXIBLE,
        )


def _first(resource: Resource, *names: str) -> Value | None:
    found = (given(resource.values, name) for name in names)
    return next((value for value in found if value is not None), None)


def _text(here: RootIndex, value: Value | None) -> str | Unknown:
    text = here.text_of(value)
    return Unknown("error", "it is not given") if text is None else text


def _link(estate: Estate, trust: Trust, accounts: dict[str, list[Thing]]) -> None:
    subject = _start(trust.subject)
    if subject.startswith(_ACCOUNT) or trust.clusters:
        _link_accounts(estate, trust, accounts)
        return
    _link_ci(estate, trust)


def _to_come(trust: Trust, makers: Makers) -> None:
    if isinstance(trust.subject, Unknown) or not trust.clusters:
        return
    space, _, name = trust.subject.removeprefix(_ACCOUNT).partition(":")
    if trust.subject.startswith(_ACCOUNT) and space and name:
        clusters = frozenset(trust.clusters)
        by_name = named(space, name)
        makers.link(Trusted(trust.identity, by_name, clusters, trust.span))


def _start(text: str | Unknown) -> str:
    if isinstance(text, str):
        return text
    first = text.parts[0] if text.parts else ""
    return first if isinstance(first, str) else ""


def _link_accounts(
    estate: Estate, trust: Trust, accounts: dict[str, list[Thing]]
) -> None:
    """The service account that the subject names becomes the identity."""
    identity = trust.identity
    if isinstance(trust.subject, Unknown):
        identity.also("trust.workload.scope", trust.subject, trust.span)
        return
    name = trust.subject.removeprefix(_ACCOUNT)
    space, _, account = name.partition(":")
    identity.also("trust.workload.scope", "account", trust.span)
    if not space or not account:
        return
    address = f"ServiceAccount/{space}/{account}"
    known = accounts.setdefault(address, [])
    if not known:
        made = Thing("identity", address, address, trust.span, "kubernetes")
        known.append(estate.add(made))
        known[0].state("sort", "kubernetes-account", trust.span)
    found = _of_cluster(known, trust)
    words = f"its tokens have the subject {trust.subject}"
    for thing in found:
        why = ""
        if len(found) > 1:
            why = f"{len(found)} service accounts of the scan are called {space}/{account}"
        estate.link(
            thing, "becomes", identity, trust.span, words, certain=not why, why=why
        )


def _of_cluster(found: list[Thing], trust: Trust) -> list[Thing]:
    """Those of the cluster that issues the tokens, where their addresses tell it."""
    own = [
        t for t in found if t.address.startswith(tuple(f"{c}:" for c in trust.clusters))
    ]
    return own or found


def _link_ci(estate: Estate, trust: Trust) -> None:
    """Whoever has tokens of the issuer becomes the identity, as far as the subject lets."""
    issuer, identity = trust.issuer, trust.identity
    if isinstance(issuer, Unknown):
        why = f"whose tokens {identity.name} trusts is not known"
        doubt: Unknown | None = Unknown("resource", why, span=trust.span)
        host = written(issuer)
    else:
        doubt = None
        host = issuer.removeprefix("https://").partition("/")[0].lower()
    if any(host.endswith(known) for known in _CLUSTER_HOSTS):
        return
    thing = Thing("identity", f"ci:{host}", f"the CI system {host}", trust.span)
    thing = estate.add(thing)
    if "sort" not in thing.facts:
        thing.state("sort", "ci", trust.span)
        thing.state("issuer", host, trust.span)
    subject = trust.subject
    named = subject if isinstance(subject, str) else written(subject)
    estate.link(
        thing,
        "becomes",
        identity,
        trust.span,
        f"tokens with the subject {named} become it",
        certain=doubt is None,
        why=doubt.why if doubt is not None else "",
    )
    scope = _scope(trust)
    identity.also("trust.ci.scope", scope, trust.span)
    bound = scope if isinstance(scope, Unknown) else scope != "everyone"
    identity.also("trust.bound", bound, trust.span)


def _scope(trust: Trust) -> str | Unknown:
    """How much of the CI system a credential lets in."""
    subject = trust.subject
    if isinstance(subject, Unknown):
        return subject._replace(possible=None)
    if not trust.flexible:
        return _subject_scope(trust, subject, exact=True)
    match = _MATCHES.search(subject)
    if match is None:
        return Unknown("unsupported", "the claims that it matches are not read")
    exact = match["how"].lower() == "eq" or not set("*?") & set(match["text"])
    return _subject_scope(trust, match["text"], exact=exact)


def _subject_scope(trust: Trust, subject: str, *, exact: bool) -> str:
    """What a subject, or a pattern of subjects, lets in of its issuer."""
    row = issuer_of(trust.issuer) if isinstance(trust.issuer, str) else None
    if row is not None and row.claims:
        scope = scope_of(row, [subject], exact=exact)
        if scope is not None:
            return scope
    if exact:
        return "pull-requests" if subject.endswith(":pull_request") else "subject"
    return _pattern_scope(subject)


def _pattern_scope(pattern: str) -> str:
    """What a pattern of subjects (`repo:acme/train:ref:refs/heads/*`) leaves open."""
    fixed = pattern.partition("*")[0]
    steps = fixed.split(":")
    if len(steps) < 2 or "/" not in steps[1]:
        return "everyone"
    if len(steps) == 2:
        return "organisation"
    open_ends = ("", "ref:", "ref:refs/", "ref:refs/heads/", "environment:")
    return "repository" if ":".join(steps[2:]) in open_ends else "subject"
