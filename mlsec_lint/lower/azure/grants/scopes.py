"""Where an Azure grant holds: scopes as segments, each known, or told by who has it.

A scope is the path of an id from the subscription down. A segment whose text is not
known may still be told by its *token*, what it is taken from (the subscription of a
provider configuration, the name of a declared resource): the same token is the same.
Management groups stand above subscriptions; which lie in one only config can tell.
"""

from __future__ import annotations

from typing import NamedTuple

from mlsec_lint.lower.azure.grants.answers import Answer, both
from mlsec_lint.value import Unknown


class Segment(NamedTuple):
    """One step of an id: its text in lower case, where known, and what tells it.

    `declared`: the token is a resource of the scan; two of them are two things.
    """

    text: str | None
    token: str = ""
    declared: bool = False


class Scope(NamedTuple):
    """Where a grant holds, or where a resource is.

    * `segments`: those of the id, from `subscriptions` on; () for the whole tenant;
    * `group`: the management group's name or token instead, "" for none;
    * `members`: tokens and ids of subscriptions that config puts into that group;
    * `unknown`: set where nobody can tell where this is.
    """

    segments: tuple[Segment, ...] = ()
    group: str = ""
    members: tuple[str, ...] = ()
    unknown: Unknown | None = None


#: Types whose names are unique in all of Azure: the name alone tells the resource.
UNIQUE = frozenset(
    {
        "microsoft.storage/storageaccounts",
        "microsoft.containerregistry/registries",
        "microsoft.keyvault/vaults",
    }
)
_GROUP_PREFIX = "/providers/microsoft.management/managementgroups/"
_UNTOLD = Unknown("resource", "whether the grant holds there is not known")
_TYPE_AT = 5  # subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME


def scope_text(text: str) -> Scope:
    """The scope of an id that is known as a whole."""
    word = text.strip().lower()
    if word.startswith(_GROUP_PREFIX):
        return Scope(group=word[len(_GROUP_PREFIX) :].strip("/"))
    steps = [step for step in word.split("/") if step]
    if word == "/" or not steps:
        return Scope()
    if steps[0] != "subscriptions":
        why = f"{text[:80]} is no id of a resource"
        return Scope(unknown=Unknown("unsupported", why))
    return Scope(tuple(Segment(step) for step in steps))


def covers(scope: Scope, target: Scope) -> Answer:
    """Whether a grant on `scope` holds on the resource at `target`."""
    for one in (scope, target):
        if one.unknown is not None:
            return one.unknown
    if scope.group:
        return _group_covers(scope, target)
    if len(scope.segments) > len(target.segments):
        return False
    named = _same_name(scope, target)
    if named is not None:
        return named
    pairs = zip(scope.segments, target.segments, strict=False)
    return both(same(mine, other) for mine, other in pairs)


def _group_covers(scope: Scope, target: Scope) -> Answer:
    if not target.segments:
        return False
    _, own = target.segments[:2]
    if own.text in scope.members or own.token in scope.members:
        return True
    why = f"whether the management group {scope.group} holds that subscription"
    return Unknown("resource", f"{why} is not known")


def _same_name(scope: Scope, target: Scope) -> Answer | None:
    """Whether two ids of one type with unique names are one; None where that is no help."""
    kind = resource_type(scope)
    if kind not in UNIQUE or kind != resource_type(target):
        return None
    length = _TYPE_AT + 3
    if len(target.segments) < length:
        return None
    mine, other = scope.segments[length - 1], target.segments[length - 1]
    answer = same(mine, other)
    if isinstance(answer, Unknown) or not answer:
        return answer
    rest = zip(scope.segments[length:], target.segments[length:], strict=False)
    return both(same(a, b) for a, b in rest)


def resource_type(scope: Scope) -> str:
    """The type of the first resource that an id names, in lower case, or ""."""
    if len(scope.segments) < _TYPE_AT + 3:
        return ""
    return f"{scope.segments[_TYPE_AT].text}/{scope.segments[_TYPE_AT + 1].text}"


def same(mine: Segment, other: Segment) -> Answer:
    """Whether two segments are the same."""
    if mine.text is not None and other.text is not None:
        return mine.text == other.text
    if mine.token and mine.token == other.token:
        return True
    if mine.declared and other.declared:
        return False
    return _UNTOLD


def breadth(scope: Scope) -> str:
    """What sort of scope it is: tenant, management-group, subscription, group, resource."""
    if scope.unknown is not None:
        return "unknown"
    if scope.group:
        return "management-group"
    count = len(scope.segments)
    return {0: "tenant", 2: "subscription", 4: "group"}.get(count, "resource")
