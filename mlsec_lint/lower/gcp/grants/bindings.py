"""IAM resources of Terraform as bindings: members, bindings and policies, at every level.

What the provider documents as authoritative takes what a bucket has by default: a
`_policy` all of it, a `_binding` that of its role. Two resources that contradict each
other leave both of their grants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.grants.evaluate import Binding, Scope
from mlsec_lint.lower.gcp.grants.roles import NOTHING, Rights, predefined
from mlsec_lint.lower.gcp.grants.scopes import LEVELS, name_of, project_of
from mlsec_lint.lower.gcp.grants.texts import canonical, shown, told
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

SUFFIXES = ("member", "binding", "policy")
CUSTOM = ("google_project_iam_custom_role", "google_organization_iam_custom_role")
_EACH_ROLE = 16


class Origin(NamedTuple):
    """Where a binding stands: the resource, the root, the member's value and the role's.

    `span` is the line that grants: the role; `at` that of the member.
    """

    here: RootIndex
    owner: Resource
    member: Value | None
    span: Span
    at: Span


def bindings_above(index: TerraformIndex) -> list[Binding]:
    """Bindings on projects, folders and organisations, all roots."""
    found: list[Binding] = []
    for here in index.roots:
        for stem, (level, attribute) in LEVELS.items():
            for suffix in SUFFIXES:
                for owner in here.of(f"{stem}_{suffix}"):
                    scope = Scope(level, _place(here, owner, level, attribute))
                    found += of_resource(here, owner, suffix, scope)
    return found


def _place(here: RootIndex, owner: Resource, level: str, attribute: str) -> str:
    if level == "project":
        return project_of(here, owner) or "\0\0"
    return name_of(here, given(owner.values, attribute)) or "\0\0"


def of_resource(
    here: RootIndex, owner: Resource, suffix: str, scope: Scope
) -> Iterator[Binding]:
    """The bindings that one IAM resource states."""
    doubt = f"whether {owner.address} exists is not known" if _unsure(owner) else ""
    if suffix != "policy":
        name = "member" if suffix == "member" else "members"
        yield from _of_block(here, owner, owner.values, name, scope, doubt)
        return
    data = given(owner.values, "policy_data")
    if data is None:
        return
    source = here.resolve(symbol_of(data))
    if source is not None and source.type == "google_iam_policy":
        for block in values_at(source.values, "binding"):
            yield from _of_block(here, source, block, "members", scope, doubt)
    elif data.origin is not None:
        for block in values_at(data.origin[1], "bindings"):
            yield from _of_block(here, owner, block, "members", scope, doubt)
    elif data.unknown is not None:
        why = f"the policy of {owner.address} is not known"
        yield _unknown(here, owner, data, scope, why)


def _unsure(owner: Resource) -> bool:
    return owner.repeat_unknown


def _unknown(
    here: RootIndex, owner: Resource, value: Value, scope: Scope, why: str
) -> Binding:
    """Somebody, of whom nothing is known, may have been given any role."""
    span = span_of(value, owner)
    origin = Origin(here, owner, None, span, span)
    rights = Rights(frozenset(), why)
    return Binding(f"\0{owner.address}\0", "", rights, scope, "", why, origin)


def _of_block(
    here: RootIndex,
    owner: Resource,
    block: Value,
    name: str,
    scope: Scope,
    doubt: str,
) -> Iterator[Binding]:
    if block.unknown is not None:
        why = f"what {owner.address} grants is not known"
        yield _unknown(here, owner, block, scope, why)
        return
    members = values_at(block, name)
    yield from block_bindings(here, owner, block, members, scope, doubt)


def block_bindings(
    here: RootIndex,
    owner: Resource,
    block: Value,
    members: list[Value],
    scope: Scope,
    doubt: str = "",
    *,
    eligible: bool = False,
) -> Iterator[Binding]:
    """The bindings of members to the role that a block names, on its condition."""
    role = given(block, "role")
    if role is None:
        return
    called, rights = rights_of(here, role)
    condition = given(block, "condition", "expression")
    if condition is None:
        condition = given(block, "condition_expression")
    text = told(here, condition)
    span = span_of(role, owner)
    for member in members:
        where = member.entry() or span
        origin = Origin(here, owner, member, span, where)
        for one, why in _possible(here, member):
            unsure = "; ".join(d for d in (doubt, why) if d)
            yield Binding(one, called, rights, scope, text, unsure, origin, eligible)


def _possible(here: RootIndex, member: Value) -> Iterator[tuple[str, str]]:
    """A member as text, with why it may not be that one."""
    text = here.text_of(member)
    if isinstance(text, Unknown) and text.possible:
        for option in text.possible[:_EACH_ROLE]:
            yield told(here, option), text.why
    elif text is not None:
        yield canonical(text, here.prefix), ""


def rights_of(here: RootIndex, role: Value) -> tuple[str, Rights]:
    """What a role is called, and what it permits."""
    for custom in here.parents(role, CUSTOM):
        return custom.address, _custom(here, custom)
    text = here.text_of(role)
    if isinstance(text, Unknown):
        return _unsure_role(here, text)
    if not text:
        return "", NOTHING
    name = text if text.startswith(("roles/", "projects/", "organizations/")) else ""
    if not name.startswith("roles/"):
        return text, Rights(frozenset(), f"the scan does not declare the role {text}")
    return name, predefined(name)


def _unsure_role(here: RootIndex, text: Unknown) -> tuple[str, Rights]:
    """A role of which only possible values, or none, are known."""
    options = text.possible or ()
    named = canonical(text, here.prefix)
    for custom in _by_role_id(here, named):
        return custom.address, _custom(here, custom)
    called = shown(named)
    if not options or len(options) > _EACH_ROLE:
        return called, Rights(frozenset(), f"the role {called} is not known")
    each = [rights_of(here, option)[1] for option in options]
    certain = frozenset.intersection(*(r.certain for r in each))
    possible = any(r.more or r.certain - certain for r in each)
    return called, Rights(certain, text.why if possible else "")


def _by_role_id(here: RootIndex, named: str) -> Iterator[Resource]:
    """The custom role of `projects/${unknown}/roles/ROLE_ID`, of that root."""
    _, found, role_id = named.rpartition("/roles/")
    for custom in here.of(*CUSTOM) if found and role_id else ():
        if canonical(here.attribute(custom, "role_id"), here.prefix) == role_id:
            yield custom


def _custom(here: RootIndex, custom: Resource) -> Rights:
    listed = given(custom.values, "permissions")
    if listed is None:
        return NOTHING
    if listed.unknown is not None:
        known = listed.origin[1] if listed.origin is not None else None
        found = _texts(here, known.elements() if known is not None else ())
        return Rights(found, f"the permissions of {custom.address} are not known")
    values = listed.elements()
    unknown = any(isinstance(here.text_of(v), Unknown) for v in values)
    why = f"a permission of {custom.address} is not known" if unknown else ""
    return Rights(_texts(here, values), why)


def _texts(here: RootIndex, values: Iterable[Value]) -> frozenset[str]:
    texts = [here.text_of(value) for value in values]
    return frozenset(t for t in texts if isinstance(t, str))


def default_bindings(
    project: str, scope: Scope, given_here: Iterable[tuple[str, str]], origin: Origin
) -> list[Binding]:
    """What a bucket grants by itself to its project's owners, editors and viewers.

    `given_here` are the kinds and roles of the bucket's own IAM resources. With uniform
    access by IAM, else by the default ACL projectPrivate, to the same people. (Cloud
    Storage, "IAM for Cloud Storage", "Convenience values", 2026-11.)
    """
    stated = list(given_here)
    if not project or any(suffix == "policy" for suffix, _ in stated):
        return []
    taken = {role for suffix, role in stated if suffix == "binding"}
    return [
        Binding(f"{kind}:{project}", role, predefined(role), scope, origin=origin)
        for kind, roles in _DEFAULT
        for role in roles
        if role not in taken
    ]


_OWNERS = ("roles/storage.legacyBucketOwner", "roles/storage.legacyObjectOwner")
_DEFAULT = (
    ("projectOwner", _OWNERS),
    ("projectEditor", _OWNERS),
    (
        "projectViewer",
        ("roles/storage.legacyBucketReader", "roles/storage.legacyObjectReader"),
    ),
)
