"""Which service accounts of clusters an AWS role trusts, and of which cluster.

Read from the statements of a trust policy that let holders of web identity tokens of an
EKS cluster assume it. The subject of such a token is `system:serviceaccount:NS:NAME`
(Amazon EKS user guide, IAM roles for service accounts, 2026-11). A condition whose key
is known in part (`${issuer}:sub`) is read by its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.in_terraform.clusters import symbols_in
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import type_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.aws.policy import Condition, Statement
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Step, Value

PROVIDER = "aws_iam_openid_connect_provider"
_CLUSTER = "aws_eks_cluster"
_WEB = "sts:AssumeRoleWithWebIdentity"
PREFIX = "system:serviceaccount:"
#: From narrow to wide.
SCOPES = ("account", "pool", "namespace", "cluster")
_EQUAL = ("stringequals", "stringequalsignorecase")
_MAX_STATEMENTS = 200


class Trust(NamedTuple):
    """One statement by which service accounts of clusters may assume a role.

    * `scope`: one of SCOPES, or why it is not known;
    * `subjects`: patterns of subjects of which one has to fit (`*` as in StringLike), or
      unknown ones; None where every subject of the issuer fits;
    * `exact`: whether the subjects are compared as they stand, without wildcards;
    * `clusters`: addresses of the clusters whose tokens it takes, where known;
    * `foreign`: its issuer may be no cluster that the scan holds.
    """

    scope: str | Unknown
    subjects: tuple[str | Unknown, ...] | None
    exact: bool
    clusters: tuple[str, ...]
    span: Span
    trail: tuple[Step, ...]
    foreign: bool = True

    def takes(self, subject: str) -> bool | Unknown:
        """Whether a service account's token has a subject that it takes."""
        if self.subjects is None:
            return True
        unknown: Unknown | None = None
        for pattern in self.subjects:
            if isinstance(pattern, Unknown):
                if _may_fit(pattern, subject):
                    unknown = pattern if unknown is None else unknown
            elif pattern == subject or (not self.exact and wildcard(pattern, subject)):
                return True
        return False if unknown is None else unknown


def _may_fit(pattern: Unknown, subject: str) -> bool:
    """Whether a text of which some parts are known may be the subject."""
    parts = pattern.parts
    if not parts:
        return True
    start, end = parts[0], parts[-1]
    return (not isinstance(start, str) or subject.startswith(start)) and (
        not isinstance(end, str) or subject.endswith(end)
    )


class Trusts(NamedTuple):
    """All that a trust policy says of service accounts.

    `others`: there are statements, or parts of the policy, of which it is not known
    whether they speak of service accounts too.
    """

    found: tuple[Trust, ...]
    others: Unknown | None
    pods: bool  # the service EKS Pod Identity may assume it


def trusts_of(here: RootIndex, role: Resource) -> Trusts:
    """What the trust policy of a role says of service accounts of clusters."""
    policy = given(role.values, "assume_role_policy")
    if policy is None:
        why = "its trust policy is not in the scan"
        return Trusts((), Unknown("resource", why, span=role.span), pods=False)
    read = read_policy(here, policy, role.span)
    found: list[Trust] = []
    others, pods = read.unknown, False
    for statement in read.statements[:_MAX_STATEMENTS]:
        if statement.unknown is not None:
            others = statement.unknown if others is None else others
            continue
        if statement.effect == "Deny" or not _assumes(here, statement):
            continue
        for kind, principal in statement.principals:
            text = here.text_of(principal)
            if kind == "Service":
                pods = pods or text == "pods.eks.amazonaws.com"
            elif kind in ("Federated", "?"):
                one = _trust(here, statement, principal)
                if isinstance(one, Unknown):
                    others = one if others is None else others
                elif one is not None:
                    found.append(one)
        if not statement.principals and statement.not_principals:
            others = Unknown("unsupported", "NotPrincipal", span=statement.span)
    return Trusts(tuple(found), others, pods)


def _assumes(here: RootIndex, statement: Statement) -> bool:
    for action in statement.actions:
        text = here.text_of(action)
        if not isinstance(text, str):
            return True
        lowered = text.lower()
        if wildcard(lowered, _WEB.lower()) or wildcard(lowered, "sts:assumerole"):
            return True
    return not statement.actions


def _trust(
    here: RootIndex, statement: Statement, principal: Value
) -> Trust | Unknown | None:
    """What a statement says for one provider; None where that is no cluster's."""
    issuer = _issuer(here, principal)
    compared = [c for c in statement.conditions if _is_subject(c)]
    subject = _subjects(here, compared)
    if issuer is None:  # by what it compares with
        known = subject.patterns or ()
        starts = [_start(one) for one in known]
        if not any(start.startswith(PREFIX) for start in starts):
            settled = starts and all(start and ":" in start for start in starts)
            why = "whose tokens a statement of its trust policy takes is not known"
            return None if settled else Unknown("resource", why, span=statement.span)
        issuer = _Issuer((), foreign=True)
    elif not issuer.cluster:
        return None
    scope = subject.scope
    unread = [c for c in statement.conditions if not c.key and c.name is None]
    if unread and scope != "account":
        why = "a condition of its trust policy is not known"
        scope = Unknown("unsupported", why, span=statement.span)
    return Trust(
        scope,
        subject.patterns,
        subject.exact,
        issuer.clusters,
        subject.span or statement.span,
        subject.trail,
        foreign=issuer.foreign,
    )


class _Issuer(NamedTuple):
    clusters: tuple[str, ...]
    cluster: bool = True
    foreign: bool = False


def _issuer(here: RootIndex, principal: Value) -> _Issuer | None:
    """Whose tokens a federated principal stands for; None where nothing tells."""
    for symbol in symbols_in(principal):
        for resource in here.resolve_all(symbol):
            if type_of(resource) == _CLUSTER:
                return _Issuer((here.address(resource),))
            if type_of(resource) == PROVIDER:
                return _issuer_of(here, resource)
    return _by_text(here, principal)


def _issuer_of(here: RootIndex, provider: Resource) -> _Issuer | None:
    url = given(provider.values, "url")
    if url is None:
        return None
    clusters = [
        here.address(resource)
        for symbol in symbols_in(url)
        for resource in here.resolve_all(symbol)
        if type_of(resource) == _CLUSTER
    ]
    if clusters:
        return _Issuer(tuple(dict.fromkeys(clusters)))
    return _by_text(here, url)


def _by_text(here: RootIndex, value: Value) -> _Issuer | None:
    text = here.text_of(value)
    parts = text.parts if isinstance(text, Unknown) else (text,)
    known = " ".join(part for part in parts if isinstance(part, str))
    if "oidc.eks." in known or "oidc-eks." in known:
        return _Issuer((), foreign=True)
    if isinstance(text, str) and text:
        return _Issuer((), cluster=False)
    return None


def _is_subject(condition: Condition) -> bool:
    """Whether a condition compares the subject of the token."""
    if condition.key:
        return condition.key.lower().rpartition(":")[2] == "sub"
    parts = condition.name.parts if condition.name is not None else ()
    return bool(parts) and isinstance(parts[-1], str) and parts[-1].endswith(":sub")


class _Subject(NamedTuple):
    scope: str | Unknown
    patterns: tuple[str | Unknown, ...] | None
    exact: bool
    span: Span | None = None
    trail: tuple[Step, ...] = ()


def _subjects(here: RootIndex, conditions: list[Condition]) -> _Subject:
    """The narrowest of the conditions on the subject: all of them have to hold."""
    best = _Subject("cluster", None, exact=False)
    for condition in conditions:
        found = _compared(here, condition)
        if found is not None and (
            best.patterns is None or _width(found.scope) < _width(best.scope)
        ):
            best = found
    return best


def _compared(here: RootIndex, condition: Condition) -> _Subject | None:
    operator = condition.operator.lower().partition(":")[2] or (
        condition.operator.lower()
    )
    operator = operator.removesuffix("ifexists")
    exact = operator in _EQUAL
    if not exact and operator not in ("stringlike", "arnlike"):
        return None  # a negative comparison narrows nothing
    values = condition.values if condition.key else condition.given
    widest: _Subject | None = None
    patterns: list[str | Unknown] = []
    for value in values:
        text = here.text_of(value)
        if text is None:
            continue
        patterns.append(text)
        scope = "account" if exact else _scope(text)
        one = _Subject(scope, (), exact, value.entry(), value.trail)
        if widest is None or _width(scope) > _width(widest.scope):
            widest = one
    if widest is None:
        return None
    return widest._replace(patterns=tuple(patterns))


def _scope(pattern: str | Unknown) -> str | Unknown:
    """How much a pattern of subjects takes in."""
    if isinstance(pattern, Unknown):
        start = _start(pattern)
        return "cluster" if "*" in start.rpartition(":")[0] else pattern
    if "*" not in pattern and "?" not in pattern:
        return "account"
    space, _, name = pattern.removeprefix(PREFIX).partition(":")
    if not pattern.startswith(PREFIX) or not name or "*" in space or "?" in space:
        return "cluster"
    return "namespace"


def _start(pattern: str | Unknown) -> str:
    if isinstance(pattern, str):
        return pattern
    first = pattern.parts[0] if pattern.parts else ""
    return first if isinstance(first, str) else ""


def _width(scope: str | Unknown) -> float:
    """Unknown is taken for wider than one account and narrower than a namespace."""
    return 1.5 if isinstance(scope, Unknown) else SCOPES.index(scope)
