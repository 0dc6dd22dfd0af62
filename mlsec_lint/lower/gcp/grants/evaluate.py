"""Who holds a permission on a resource: allow policies, their inheritance, denials.

Pure: bindings and denials in, holders out. A binding counts on the resource it is on and
on all below it; a permission is held if one binding gives it and no deny policy takes
it. What is not known makes a holder possible, never none, and never certain.
(Google Cloud, IAM, "Policy types", "Deny policies", "Policy inheritance", 2026-11.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.grants.cel import Asked, Extent, read_condition
from mlsec_lint.lower.gcp.grants.principals import means, principal_of, spares
from mlsec_lint.lower.gcp.grants.texts import same, shown, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.lower.gcp.grants.roles import Rights

#: What a basic role's holders are called in members.
_CALLED = {"owner": "roles/owner", "editor": "roles/editor", "viewer": "roles/viewer"}


class Scope(NamedTuple):
    """Where a policy is attached: `level` organisation, folder, project or resource."""

    level: str
    name: str


class Binding(NamedTuple):
    """One member, one role, one place, as an allow policy states it.

    * `condition`: the expression, canonical; "" for none;
    * `doubt`: why it may not be there, or not be on this resource; "" where it is;
    * `origin`: whatever the caller wants to know it by;
    * `eligible`: the member may take the role for a time, and does not have it.
    """

    member: str
    role: str
    rights: Rights
    scope: Scope
    condition: str = ""
    doubt: str = ""
    origin: object = None
    eligible: bool = False


class Denial(NamedTuple):
    """One rule of a deny policy. Permissions in the form of allow policies, with `*`."""

    principals: tuple[str, ...]
    permissions: tuple[str, ...]
    scope: Scope
    spared: tuple[str, ...] = ()
    spared_permissions: tuple[str, ...] = ()
    condition: str = ""
    doubt: str = ""


class Target(NamedTuple):
    """A resource, what is asked about it, and what it lies in.

    `above`: project, folders, organisation, as far as known; `rooted` when the list is
    whole. `resource` is the scope of policies on the resource itself.
    """

    asked: Asked
    resource: str = ""
    above: tuple[Scope, ...] = ()
    rooted: bool = False


class Holder(NamedTuple):
    """A member that holds a permission, by which binding; `doubt` "" where certainly.

    `through` is the binding on a project that makes it one of `projectEditor:` and so
    on. `partly`: on some of the resources below only. `expires`: its condition ends.
    """

    member: str
    binding: Binding
    doubt: str = ""
    through: Binding | None = None
    partly: bool = False
    expires: bool = False


def holders(
    permissions: Sequence[str],
    target: Target,
    bindings: Sequence[Binding],
    denials: Iterable[Denial] = (),
) -> Iterator[Holder]:
    """Every member that holds one of the permissions, once per binding that gives it."""
    denied = tuple(denials)
    for binding in bindings:
        held = _held(permissions, target, binding)
        if held is None:
            continue
        for member in _members(held, bindings):
            left = _after_denials(permissions, target, member, denied)
            if left is not None:
                yield left


def _held(
    permissions: Sequence[str], target: Target, binding: Binding
) -> Holder | None:
    """What one binding gives by itself; None where it gives nothing for certain."""
    doubts = [binding.doubt]
    covered = covers(binding.scope, target)
    given = [binding.rights.permits(p) for p in permissions]
    if covered is False or not any(g is not False for g in given):
        return None
    if covered is None:
        where = f"{binding.scope.level} {shown(binding.scope.name)}"
        doubts.append(f"whether it lies in {where} is not known")
    if True not in given:
        doubts.append(binding.rights.more)
    partly, expires = False, binding.eligible
    if binding.condition:
        extent, ends = read_condition(binding.condition, target.asked)
        expires = expires or ends
        if extent is Extent.NONE:
            return None
        partly = extent is Extent.SOME
        if extent is Extent.UNKNOWN:
            doubts.append("its condition decides: " + _short(binding.condition))
    doubt = "; ".join(d for d in doubts if d)
    return Holder(binding.member, binding, doubt, None, partly, expires)


def _short(condition: str) -> str:
    text = " ".join(shown(condition).split())
    return text if len(text) <= 80 else text[:77] + "..."


def covers(scope: Scope, target: Target) -> bool | None:
    """Whether a policy attached there counts for a resource; None where unknown."""
    if scope.level == "resource":
        return same(scope.name, target.resource)
    levels = [s for s in target.above if s.level == scope.level]
    found = [same(s.name, scope.name) for s in levels]
    if True in found:
        return True
    if None in found:
        return None
    single = scope.level != "folder" and bool(levels)
    return False if target.rooted or single else None


def _members(held: Holder, bindings: Sequence[Binding]) -> Iterator[Holder]:
    """The member itself, and for a project's owners and so on those with that role."""
    principal = principal_of(held.member)
    if principal is None:
        return
    yield held
    if principal.sort != "holders":
        return
    role = _CALLED[principal.name]
    for binding in bindings:
        if binding.role != role or binding.scope.level == "resource":
            continue
        if binding.scope.level == "project":
            found = same(binding.scope.name, principal.project)
        else:
            found = None  # whether inherited basic roles count is not documented
        if found is False:
            continue
        doubts = [held.doubt, binding.doubt]
        if found is None:
            doubts.append("whether it is a basic role on that project is not known")
        if binding.condition:
            doubts.append("its condition decides: " + _short(binding.condition))
        doubt = "; ".join(d for d in doubts if d)
        yield held._replace(member=binding.member, doubt=doubt, through=binding)


def _after_denials(
    permissions: Sequence[str],
    target: Target,
    holder: Holder,
    denials: tuple[Denial, ...],
) -> Holder | None:
    """The holder that deny policies leave; None where they take all for certain."""
    rights = holder.binding.rights
    left: list[str | None] = []
    for permission in permissions:
        if rights.permits(permission) is not False:
            found = [denied(d, permission, holder.member, target) for d in denials]
            left.append(None if True in found else "?" if None in found else "")
    if all(answer is None for answer in left):
        return None
    if "" in left:
        return holder
    doubt = "whether a deny policy takes it is not known"
    return holder._replace(doubt="; ".join(d for d in (holder.doubt, doubt) if d))


def denied(denial: Denial, permission: str, member: str, target: Target) -> bool | None:
    """Whether a rule of a deny policy takes a permission from all of a member."""
    if not any(_lists(p, permission) for p in denial.permissions):
        unclear = any(not whole(p) for p in denial.permissions)
        if not unclear:
            return False
        return None
    answers = [covers(denial.scope, target), _named(denial, member)]
    if any(_lists(p, permission) for p in denial.spared_permissions):
        return False
    if denial.condition:
        extent = read_condition(denial.condition, target.asked).extent
        answers.append({Extent.ALL: True, Extent.UNKNOWN: None}.get(extent, False))
    if False in answers:
        return False
    unsure = denial.doubt or any(not whole(p) for p in denial.spared_permissions)
    return None if None in answers or unsure else True


def _named(denial: Denial, member: str) -> bool | None:
    """Whether the rule is for a member and no exception spares it."""
    found = [means(p, member) for p in denial.principals]
    spared = [spares(p, member) for p in denial.spared]
    if True in spared or not any(f is not False for f in found):
        return False
    return True if True in found and None not in spared else None


def _lists(pattern: str, permission: str) -> bool:
    """Whether an entry of a deny policy, in which `*` is for a part, has a permission."""
    wanted, has = pattern.split("."), permission.split(".")
    if wanted[-1] == "*" and len(wanted) <= len(has):
        wanted += ["*"] * (len(has) - len(wanted))
    return len(wanted) == len(has) and all(
        a in ("*", b) for a, b in zip(wanted, has, strict=True)
    )
