"""Service accounts and the AWS roles that they may assume, by either side's word.

An annotation alone is no right: where the role is declared and its trust policy certainly
takes no token of the account, the account does not become it. An association of EKS Pod
Identity is a right by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.clusters.found import EKS
from mlsec_lint.lower.clusters.trust import PREFIX, trusts_of
from mlsec_lint.lower.kubernetes.makers import Trusted, fitting
from mlsec_lint.lower.kubernetes.rights import is_account
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Edge, Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.clusters.trust import Trust, Trusts
    from mlsec_lint.lower.kubernetes.makers import Makers
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

ROLE = "aws_iam_role"
ASSOCIATION = "aws_eks_pod_identity_association"
_FACT = "trust.workload.scope"
_LEADING = ("may read", "may write", "may open", "becomes", "may launch as")


def link_accounts(
    index: TerraformIndex, estate: Estate, accounts: list[tuple[Thing, Manifest]]
) -> None:
    """State what roles trust, take back annotations that they refuse, add associations."""
    for here in index.roots:
        for role in here.of(ROLE):
            identity = estate.find("identity", here.address(role))
            if identity is not None:
                for trust in trusts_of(here, role).found:
                    identity.also(_FACT, trust.scope, trust.span, trail=trust.trail)
        for one in here.of(ASSOCIATION):
            _associate(here, one, estate, accounts)
    for edge in take_back(index, estate, accounts):
        estate.note([_refused(edge)])


def take_back(
    index: TerraformIndex, estate: Estate, accounts: list[tuple[Thing, Manifest]]
) -> list[Edge]:
    """Take back that accounts become roles that take no token of them; those edges.

    A role that trusts one cluster takes no token of an account of the same name that is
    known to be in another one.
    """
    trusts: dict[str, Trusts] = {}
    wanted = {
        edge.target.address
        for account, _ in accounts
        for edge in estate.edges_from(account, "becomes")
    }
    for here in index.roots:
        for role in here.of(ROLE):
            if here.address(role) in wanted:
                trusts[here.address(role)] = trusts_of(here, role)
    taken: list[Edge] = []
    for account, manifest in accounts:
        for edge in list(estate.edges_from(account, "becomes")):
            trusted = trusts.get(edge.target.address)
            if trusted is not None and _refuses(trusted, account, manifest):
                estate.unlink(edge)
                taken.append(edge)
    return taken


def link_makers(index: TerraformIndex, estate: Estate, makers: Makers) -> None:
    """Link the accounts that somebody may make to the roles that would take them.

    Only roles that lead somewhere are asked about.
    """
    for here in index.roots:
        for role in here.of(ROLE):
            identity = estate.find("identity", here.address(role))
            if identity is None or not _leads(estate, identity):
                continue
            for trust in trusts_of(here, role).found:
                for pattern in trust.subjects or (f"{PREFIX}*:*",):
                    if isinstance(pattern, str):
                        makers.link(_trusted(identity, trust, pattern))


def _leads(estate: Estate, identity: Thing) -> bool:
    return any(edge.verb in _LEADING for edge in estate.edges_from(identity))


def _trusted(identity: Thing, trust: Trust, pattern: str) -> Trusted:
    clusters = frozenset(trust.clusters)
    doubt = ""
    if trust.foreign or not clusters:
        doubt = "of which cluster the tokens are that it takes is not known"
    return Trusted(
        identity, fitting(pattern, trust.takes), clusters or None, trust.span, doubt
    )


def _refuses(trusts: Trusts, account: Thing, manifest: Manifest) -> bool:
    """Whether a role certainly takes no token of a service account."""
    if trusts.others is not None or trusts.pods:
        return False
    subject = PREFIX + account.name.removeprefix("ServiceAccount/").replace("/", ":", 1)
    if "${" in subject or "{{" in subject:
        return False
    for trust in trusts.found:
        other = bool(trust.clusters) and manifest.cluster not in ("", *trust.clusters)
        stated = manifest.said is None and not manifest.cluster.startswith("name:")
        elsewhere = other and stated
        if trust.takes(subject) is not False and not elsewhere:
            return False
    return True


def _refused(edge: Edge) -> Note:
    words = (
        f"{edge.source.name} names {edge.target.name}, whose trust policy takes no token "
        "of it"
    )
    return Note("near-miss", words, edge.span.path, edge.span)


def _associate(
    here: RootIndex,
    one: Resource,
    estate: Estate,
    accounts: list[tuple[Thing, Manifest]],
) -> None:
    """The accounts that an association names become its role."""
    named = given(one.values, "service_account")
    space, name = (
        here.text_of(given(one.values, part))
        for part in ("namespace", "service_account")
    )
    roles = [
        identity
        for role in here.parents(given(one.values, "role_arn"), (ROLE,))
        if (identity := estate.find("identity", here.address(role))) is not None
    ]
    if named is None or not roles:
        return
    span = span_of(named, one)
    scope = "account" if not isinstance(name, Unknown) else name._replace(possible=None)
    for role in roles:
        role.also(_FACT, scope, span)
    if not isinstance(space, str) or not isinstance(name, str):
        return
    for account in _named(here, one, estate, accounts, f"{space}/{name}"):
        for role in roles:
            words = f"{one.type} gives it the role"
            why = "" if len(roles) == 1 else f"it may be each of {len(roles)} roles"
            estate.link(account, "becomes", role, span, words, certain=not why, why=why)


def _named(
    here: RootIndex,
    one: Resource,
    estate: Estate,
    accounts: list[tuple[Thing, Manifest]],
    name: str,
) -> list[Thing]:
    """The service accounts of that name, in the association's cluster where it is known."""
    wanted = f"ServiceAccount/{name}"
    clusters = {
        here.address(cluster)
        for cluster in here.parents(given(one.values, "cluster_name"), (EKS,))
    }
    found = [
        account
        for account, manifest in accounts
        if account.name == wanted
        and (not clusters or manifest.said or manifest.cluster in ("", *clusters))
    ]
    known = estate.find("identity", wanted)
    if not found and known is not None:
        found = [known]
    if not found:
        made = Thing("identity", wanted, wanted, one.span, "kubernetes")
        found = [is_account(estate.add(made))]
    return found
