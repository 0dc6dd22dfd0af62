"""Policies of the organisation (SCP, RCP) that limit the identities of the scan.

They count where they certainly apply: attached to the root of the organisation or to the
account itself, and the identity does not sign in as the one that manages the
organisation, which no such policy limits (AWS Organizations user guide, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.clause import clause_of_json
from mlsec_lint.lower.aws.grants.match import OWN
from mlsec_lint.lower.terraform_index import symbol_of, type_of, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Documents, Holder
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: What AWS attaches everywhere as long as nobody takes it away.
_FULL = (clause_of_json({"Action": "*", "Resource": "*"}, "FullAWSAccess"),)
_POLICY = "aws_organizations_policy"
_ATTACHMENT = "aws_organizations_policy_attachment"
_KINDS = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}


class _Guard(NamedTuple):
    """One attached policy: `account` is whose it limits, "" for all of the organisation."""

    kind: str
    clauses: tuple[Clause, ...]
    account: str
    here: RootIndex
    manager: str


class Guardrails:
    """The organisation's policies of a scan."""

    def __init__(self, documents: Documents) -> None:
        self._guards = list(_guards(documents))

    def of(
        self, holder: Holder
    ) -> tuple[tuple[tuple[Clause, ...], ...], tuple[tuple[Clause, ...], ...]]:
        """The levels of SCPs and of RCPs that certainly limit an identity.

        A policy that only denies is joined with the full access that AWS attaches
        beside it; config that takes that away names what is allowed instead.
        """
        levels: dict[str, list[tuple[Clause, ...]]] = {"scp": [], "rcp": []}
        for guard in self._guards:
            if _limits(guard, holder):
                levels[guard.kind].append((*guard.clauses, *_FULL))
        return tuple(levels["scp"]), tuple(levels["rcp"])


def _limits(guard: _Guard, holder: Holder) -> bool:
    account = holder.principal.account
    if guard.account:
        return guard.account == account
    managed_here = guard.here is holder.here and guard.manager == account
    return not managed_here


def _guards(documents: Documents) -> Iterator[_Guard]:
    for here in documents.index.roots:
        for policy in here.of(_POLICY):
            kinds = [v.text() for v in values_at(policy.values, "type")]
            kind = _KINDS.get(str(kinds[0])) if kinds else "scp"
            clauses = documents.of(policy, "content")
            if kind is None or clauses is None or policy.repeat_unknown:
                continue
            joined = documents.index.satellites(here, policy, _ATTACHMENT, "policy_id")
            for owner in joined.found:
                for target in values_at(owner.values, "target_id"):
                    account = _target(documents, here, target)
                    if account is not None and not owner.repeat_unknown:
                        manager = documents.accounts.of(policy)
                        yield _Guard(kind, clauses, account, here, manager)


def _target(documents: Documents, here: RootIndex, target: Value) -> str | None:
    """The account that a policy is attached to, "" for the root; None where unknown."""
    text = documents.accounts.texts_of(here)(target)
    if text.startswith("r-"):
        return ""
    if text == OWN or (len(text) == 12 and text.isdigit()):
        return text
    symbol = symbol_of(target)
    if symbol is None:
        return None
    resource: Resource | None = here.resolve(symbol)
    organisation = "aws_organizations_organization"
    named = resource is not None and type_of(resource).endswith(organisation)
    if (named or organisation in symbol.address) and "roots" in symbol.path:
        return ""
    return None
