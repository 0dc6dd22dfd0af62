"""Roles, users, groups and permission sets with every policy that counts for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.clause import Clause, clauses_of, doubtful
from mlsec_lint.lower.aws.grants.decide import Principal
from mlsec_lint.lower.aws.grants.managed import managed_clauses, managed_name
from mlsec_lint.lower.aws.grants.match import OWN, has_hole, hole, text_with_holes
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import type_of, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.accounts import Accounts
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

ROLE, USER, GROUP = "aws_iam_role", "aws_iam_user", "aws_iam_group"
SET = "aws_ssoadmin_permission_set"
_POLICY = ("aws_iam_policy", "data.aws_iam_policy")
_MOST = 10_000


class Sort(NamedTuple):
    """How one sort of holder is declared: satellites with their argument of the holder."""

    types: tuple[str, ...]
    sort: str
    inline: tuple[tuple[str, str, str], ...]  # satellite, its holder, its document
    attached: tuple[
        tuple[str, str, str], ...
    ]  # satellite, its holder, the policy's ARN
    arn: str


SORTS = (
    Sort(
        (ROLE, f"data.{ROLE}"),
        "role",
        (("aws_iam_role_policy", "role", "policy"),),
        (
            ("aws_iam_role_policy_attachment", "role", "policy_arn"),
            ("aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns"),
            ("aws_iam_policy_attachment", "roles", "policy_arn"),
        ),
        "role",
    ),
    Sort(
        (USER, f"data.{USER}"),
        "user",
        (("aws_iam_user_policy", "user", "policy"),),
        (
            ("aws_iam_user_policy_attachment", "user", "policy_arn"),
            ("aws_iam_policy_attachment", "users", "policy_arn"),
        ),
        "user",
    ),
    Sort(
        (GROUP, f"data.{GROUP}"),
        "group",
        (("aws_iam_group_policy", "group", "policy"),),
        (
            ("aws_iam_group_policy_attachment", "group", "policy_arn"),
            ("aws_iam_policy_attachment", "groups", "policy_arn"),
        ),
        "group",
    ),
    Sort(
        (SET,),
        "role",
        (
            (
                "aws_ssoadmin_permission_set_inline_policy",
                "permission_set_arn",
                "inline_policy",
            ),
        ),
        (
            (
                "aws_ssoadmin_managed_policy_attachment",
                "permission_set_arn",
                "managed_policy_arn",
            ),
        ),
        "permission-set",
    ),
)
_SORT_OF = {name: sort for sort in SORTS for name in sort.types}


@dataclass(slots=True, eq=False)
class Holder:
    """One identity with its policies as clauses.

    `boundary` and `trust` are None where there is none. `denied` are what groups of a
    user deny it.
    """

    identity: Thing
    here: RootIndex
    resource: Resource
    sort: str
    principal: Principal
    clauses: tuple[Clause, ...]
    boundary: tuple[Clause, ...] | None = None
    trust: tuple[Clause, ...] | None = None
    denied: list[Clause] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


class Documents:
    """Policies as clauses, each read once."""

    def __init__(self, index: TerraformIndex, accounts: Accounts) -> None:
        self.index = index
        self.accounts = accounts
        self._read: dict[tuple[int, str], tuple[Clause, ...]] = {}

    def of(self, owner: Resource, argument: str) -> tuple[Clause, ...] | None:
        """The clauses of the document at an argument; None where there is none."""
        key = (id(owner), argument)
        if key not in self._read:
            values = values_at(owner.values, argument)
            if not values:
                return None
            found: list[Clause] = []
            for value in values:
                found.extend(self.read(owner, value))
            self._read[key] = tuple(found)
        return self._read[key]

    def read(self, owner: Resource, value: Value) -> tuple[Clause, ...]:
        """The clauses of a document that a value holds."""
        here = self.index.home(owner)
        at = span_of(value, owner)
        policy = read_policy(here, value, at)
        clauses = clauses_of(policy, self.accounts.texts_of(here), unsure_of(owner))
        for clause in clauses:
            clause.span = clause.span or at
        return clauses

    def named(self, owner: Resource, arn: Value) -> tuple[Clause, ...]:
        """The clauses of the managed policy that an attachment names, at its line."""
        here = self.index.home(owner)
        text = self.accounts.texts_of(here)(arn)
        span = span_of(arn, owner)
        found: tuple[Clause, ...] | None = None
        for policy in here.parents(arn, _POLICY)[:1]:
            if policy.mode != "data":
                found = self.of(policy, "policy") or ()
            else:
                text = self._of_data(here, policy) or text
        if found is None and (name := managed_name(text)) is not None:
            found = managed_clauses(name, span)
        if found is None and not has_hole(text) and len(self.index.roots) > 1:
            found = self._elsewhere(here, text)
        if found is None:
            found = (
                doubtful("what the policy that it names allows is not known", span),
            )
        unsure = unsure_of(owner)
        return tuple(_unsure(clause, unsure) for clause in found) if unsure else found

    def _of_data(self, here: RootIndex, policy: Resource) -> str | None:
        """The ARN of a policy that a data source finds by its name, if it is AWS's."""
        arn, name = here.attribute(policy, "arn"), here.attribute(policy, "name")
        if isinstance(arn, str):
            return arn
        if not isinstance(name, str):
            return None
        known = f"arn:aws:iam::aws:policy/{name}"
        clauses = managed_clauses(name)
        return None if any(clause.doubt for clause in clauses) else known

    def _elsewhere(self, here: RootIndex, text: str) -> tuple[Clause, ...] | None:
        """The policy of that name in another root."""
        last = text.rpartition("/")[2]
        for other in self.index.roots:
            for policy in other.of("aws_iam_policy") if other is not here else ():
                if other.attribute(policy, "name") == last:
                    return self.of(policy, "policy") or ()
        return None


def unsure_of(owner: Resource) -> str:
    """Why a resource may not be there; "" where it is."""
    return (
        f"whether {owner.address} exists is not known" if owner.repeat_unknown else ""
    )


def _unsure(clause: Clause, why: str) -> Clause:
    return replace(clause, unsure=clause.unsure or why)


def holders_of(documents: Documents, estate: Estate) -> list[Holder]:
    """Every identity that Terraform declares, with its policies. Adds users and groups."""
    found: list[Holder] = []
    by_resource: dict[int, Holder] = {}
    for here in documents.index.roots:
        for name, sort in _SORT_OF.items():
            for resource in here.of(name):
                if len(found) >= _MOST:
                    return found
                holder = _holder(documents, estate, here, resource, sort)
                found.append(holder)
                by_resource[id(resource)] = holder
    _memberships(documents.index, estate, by_resource)
    return found


def _holder(
    documents: Documents,
    estate: Estate,
    here: RootIndex,
    resource: Resource,
    sort: Sort,
) -> Holder:
    address = here.address(resource)
    identity = estate.find("identity", address)
    if identity is None:
        label = here.attribute(resource, "name")
        names = (f"{sort.arn}/{label}",) if isinstance(label, str) else ()
        identity = estate.add(thing_of(here, resource, "identity", "aws", *names))
    identity.state("sort", sort.sort)
    account = documents.accounts.of(resource)
    if not has_hole(account):
        identity.state("account", account)
    if sort.sort in ("user", "group") or resource.type == SET:
        identity.state("person", value=True)
    return Holder(
        identity,
        here,
        resource,
        sort.sort,
        Principal("AWS", _arn(documents, here, resource, sort), account),
        tuple(_clauses(documents, here, resource, sort)),
        _boundary(documents, resource),
        documents.of(resource, "assume_role_policy"),
        tags=_tags(documents, here, resource),
    )


def _tags(documents: Documents, here: RootIndex, resource: Resource) -> dict[str, str]:
    """The tags that the identity itself carries; session tags may replace them."""
    tags = given(resource.values, "tags")
    read = documents.accounts.texts_of(here)
    return {} if tags is None else {name: read(value) for name, value in tags.items()}


def _arn(documents: Documents, here: RootIndex, resource: Resource, sort: Sort) -> str:
    """The ARN of an identity, with a hole of its own where its name is not known."""
    account = documents.accounts.of(resource)
    own = documents.accounts.own(here) if account == OWN else ()
    text = text_with_holes(here.attribute(resource, "arn"), own)
    if text.startswith("arn:"):
        fields = text.split(":", 5)
        fields[4] = account if fields[4] == OWN else fields[4]
        return ":".join(fields)
    name = text_with_holes(here.attribute(resource, "name"))
    name = name or hole(f"{resource.address}.name")
    return f"arn:aws:iam::{account}:{sort.arn}/{name}"


def _clauses(
    documents: Documents, here: RootIndex, resource: Resource, sort: Sort
) -> Iterator[Clause]:
    index = documents.index
    yield from documents.of(resource, "inline_policy.policy") or ()
    for arn in values_at(resource.values, "managed_policy_arns"):
        yield from documents.named(resource, arn)
    for satellite, argument, document in sort.inline:
        for owner in index.satellites(here, resource, satellite, argument).found:
            yield from documents.of(owner, document) or ()
    for satellite, argument, listed in sort.attached:
        for owner in index.satellites(here, resource, satellite, argument).found:
            for arn in values_at(owner.values, listed):
                yield from documents.named(owner, arn)


def _boundary(documents: Documents, resource: Resource) -> tuple[Clause, ...] | None:
    arn = given(resource.values, "permissions_boundary")
    return None if arn is None else documents.named(resource, arn)


def _memberships(
    index: TerraformIndex, estate: Estate, by_resource: dict[int, Holder]
) -> None:
    """Link users to the groups that they are in, and keep what those deny."""
    for here in index.roots:
        for kind, user, group in (
            ("aws_iam_user_group_membership", "user", "groups"),
            ("aws_iam_group_membership", "users", "group"),
        ):
            for owner in here.of(kind):
                for who in values_at(owner.values, user):
                    members = here.parents(who, (USER,))
                    for what in values_at(owner.values, group):
                        groups = here.parents(what, (GROUP,))
                        _join(estate, owner, who, members, groups, by_resource)


def _join(
    estate: Estate,
    owner: Resource,
    who: Value,
    members: list[Resource],
    groups: list[Resource],
    by_resource: dict[int, Holder],
) -> None:
    for one in members[:1]:
        for other in groups[:1]:
            member, group = by_resource.get(id(one)), by_resource.get(id(other))
            if member is None or group is None:
                continue
            words = f"{type_of(owner)} makes it a member"
            why = unsure_of(owner)
            estate.link(
                member.identity,
                "counts as",
                group.identity,
                span_of(who, owner),
                words,
                certain=not why,
                why=why,
            )
            if not why:
                denies = [c for c in group.clauses if c.effect == "Deny"]
                member.denied.extend(denies)
