"""Roles: their rules, those that they aggregate, and what of it leads to weights."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import first, holds
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.network.pods import read_labels
from mlsec_lint.lower.kubernetes.network.rules import elements, narrow, unknown_in
from mlsec_lint.lower.kubernetes.network.selectors import label_selector
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Labels
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
#: How many roles one role may aggregate, one in the other included; how many pairs of
#: roles are looked at for it.
MAX_ROLES = 300
MAX_PAIRS = 300_000


class Grant(NamedTuple):
    """One rule of a role: API groups, resources and verbs, each with `*` for any.

    `names`: only objects of these names; `span` is None for a built-in role's.
    """

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()
    span: Span | None = None
    role: str = ""


class Rights(NamedTuple):
    """All rules that a role gives, and why there may be more."""

    grants: tuple[Grant, ...]
    unknown: Unknown | None = None


class Right(NamedTuple):
    """A right that leads to weights.

    `kind`: secrets, run, enter, become, copy, guard; `sensitive`: by itself a way in.
    """

    kind: str
    sensitive: bool
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    cluster: bool
    words: str


@cache
def known_rights() -> tuple[Right, ...]:
    """The rows of policies/data/k8s_rights.json."""
    return tuple(
        Right(
            row["class"],
            row["sensitive"],
            tuple(row["groups"]),
            tuple(row["resources"]),
            tuple(row["verbs"]),
            row["scope"] == "cluster",
            row["words"],
        )
        for row in document("k8s_rights.json")["rights"]
    )


@cache
def built_in() -> dict[str, tuple[Grant, ...]]:
    """The rules of the roles that every cluster has, by name."""
    table = document("k8s_rights.json")["built_in"]
    return {
        name: tuple(
            Grant(
                tuple(row["groups"]),
                tuple(row["resources"]),
                tuple(row["verbs"]),
                role=f"the built-in role {name}",
            )
            for row in rows
        )
        for name, rows in table.items()
    }


@cache
def harmless_roles() -> frozenset[str]:
    """Roles of Kubernetes itself that give none of the rights."""
    return frozenset(document("k8s_rights.json")["harmless_roles"])


def gives(grant: Grant, right: Right) -> bool:
    """Whether a rule gives a right on any object.

    A rule with names does not give it on others: it is not counted.
    """
    if grant.names:
        return False
    return (
        _meets(grant.groups, right.groups)
        and _meets(grant.verbs, right.verbs)
        and any(
            _covers(pattern, wanted)
            for pattern in grant.resources
            for wanted in right.resources
        )
    )


def _meets(patterns: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if "*" in patterns:
        return True
    for one in patterns:  # noqa: SIM110 (asked for every rule and right)
        if one in wanted:
            return True
    return False


def _covers(pattern: str, resource: str) -> bool:
    """`*` covers all and `*/exec` the subresource of any; `pods/*` is no pattern."""
    if pattern in ("*", resource):
        return True
    _, slash, below = resource.partition("/")
    return bool(slash) and pattern == f"*/{below}"


class Roles:
    """Roles of a scan, read once each."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.pairs = 0
        self._labels: dict[int, Labels] = {}
        self._read: dict[int, Rights] = {}
        self._own: dict[tuple[int, str, str, Span], Rights] = {}
        self._aggregated: dict[tuple[str, str], list[Manifest]] = {}
        for manifest in objects.of("ClusterRole"):
            labels = given(manifest.value, "metadata", "labels")
            for key, value in labels.items() if labels is not None else ():
                if key.startswith(_AGGREGATE) and text_of(value) == "true":
                    name = key.removeprefix(_AGGREGATE)
                    key_of = (manifest.root, name)
                    self._aggregated.setdefault(key_of, []).append(manifest)

    def of(self, kind: str, name: str, near: Manifest) -> Rights:
        """What the role that a binding names gives."""
        cluster = kind == "ClusterRole"
        found = self.objects.find(kind, name, near, cluster=cluster)
        if found is not None:
            return self.rights(found)
        if cluster and name in built_in():
            more = self._aggregated.get((near.root, name), [])
            grants = [g for manifest in more for g in self.rights(manifest).grants]
            return Rights((*built_in()[name], *grants))
        if name in harmless_roles():
            return Rights(())
        why = f"the scan holds no {kind} {name}"
        return Rights((), Unknown("unsupported", why, name=f"{kind} {name}"))

    def rights(self, manifest: Manifest) -> Rights:
        """The rules of a role, with those of the roles that it aggregates."""
        known = self._read.get(id(manifest))
        if known is None:
            known = self._read[id(manifest)] = self._all(manifest)
        return known

    def _all(self, manifest: Manifest) -> Rights:
        """Breadth first over aggregated roles, each once, so that no circle hangs it."""
        queue, seen = [manifest], {id(manifest)}
        grants: list[Grant] = []
        unknown: Unknown | None = None
        while queue:
            role = queue.pop(0)
            selectors = given(role.value, "aggregationRule", "clusterRoleSelectors")
            if selectors is None:
                own = self._rules(role)
                grants.extend(own.grants)
                unknown = first(unknown, own.unknown)
                continue
            found = list(self._selected(selectors, role))
            if not found or self.pairs > MAX_PAIRS:
                why = f"{role.name} collects roles that the scan does not hold"
                unknown = first(unknown, Unknown("unsupported", why, span=role.span))
            for one in found:
                if id(one) not in seen and len(seen) < MAX_ROLES:
                    seen.add(id(one))
                    queue.append(one)
        return Rights(tuple(grants), unknown)

    def _rules(self, role: Manifest) -> Rights:
        """The rules of a role itself; overlays of one base share what they leave alone."""
        listed = given(role.value, "rules")
        key = (id(listed), role.kind, role.name, role.span)
        known = self._own.get(key)
        if known is None:
            known = self._own[key] = _rules(role, listed)
        return known

    def _selected(self, selectors: Value, role: Manifest) -> Iterator[Manifest]:
        wanted = [label_selector(one) for one in elements(selectors)]
        for other in self.objects.of("ClusterRole"):
            self.pairs += 1
            if self.pairs > MAX_PAIRS:
                return
            if other.root != role.root or other is role:
                continue
            labels = self._labels.get(id(other))
            if labels is None:
                metadata = given(other.value, "metadata", "labels")
                labels = self._labels[id(other)] = read_labels(metadata)
            if any(holds(one, labels) is True for one in wanted):
                yield other


def _rules(manifest: Manifest, listed: Value | None) -> Rights:
    unknown = unknown_in(listed)
    grants: list[Grant] = []
    for rule in elements(listed):
        if rule.unknown is not None:
            continue
        parts = [_texts(given(rule, n)) for n in ("apiGroups", "resources", "verbs")]
        names, doubt = _texts(given(rule, "resourceNames"))
        unknown = first(unknown, doubt, *(part[1] for part in parts))
        span = narrow(given(rule, "verbs"), narrow(rule, manifest.span))
        role = f"{manifest.kind} {manifest.name}"
        groups, resources, verbs = (part[0] for part in parts)
        grants.append(Grant(groups, resources, verbs, names, span, role))
    return Rights(tuple(grants), unknown)


def _texts(value: Value | None) -> tuple[tuple[str, ...], Unknown | None]:
    """The known texts of a list, and why there may be others."""
    found: list[str] = []
    unknown = unknown_in(value)
    for element in elements(value):
        text = settled(element).text()
        if isinstance(text, Unknown):
            unknown = first(unknown, text)
        elif text is None:
            found.append("")
        else:
            found.append(text.strip())
    return tuple(found), unknown
