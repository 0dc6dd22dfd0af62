"""Service accounts that nobody made yet, and who may make them.

A trust that goes by namespace and name holds for accounts to come: in a second cluster of
a pool, in every namespace that a wildcard takes in. Whoever may create service accounts
and pods in such a namespace may act as whom the trust belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.in_terraform.clusters import CLUSTERS
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.kubernetes.rbac import VERBS, rights_given
from mlsec_lint.lower.kubernetes.rbac.roles import Right, Roles, gives
from mlsec_lint.lower.kubernetes.rights import is_account
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Edge, Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.rbac.roles import Grant
    from mlsec_lint.source import Span
    from mlsec_lint.value import Unknown

#: How many accounts to come are told of one scan.
MAX_MADE = 500
_MAKE = Right(
    "become",
    sensitive=False,
    groups=("",),
    resources=("serviceaccounts",),
    verbs=("create",),
    cluster=False,
    words="create service accounts",
)
_SUBJECT = "system:serviceaccount:"
_APART = "which cluster {} goes to is not known"


class Trusted(NamedTuple):
    """Whom a trust by names belongs to, and what tokens it takes.

    `name` gives the name by which an account of a namespace would be taken, "" for none;
    `clusters` are the addresses of those whose tokens count, None where any may be.
    """

    identity: Thing
    name: Callable[[str], str]
    clusters: frozenset[str] | None
    span: Span
    doubt: str = ""


class _Chance(NamedTuple):
    """A binding that lets make accounts and pods in a namespace of its own."""

    binding: Thing
    manifest: Manifest
    space: str
    run: Grant
    words: str


class Makers:
    """The bindings of a scan by which somebody may make service accounts and pods."""

    def __init__(self, inputs: Inputs, estate: Estate) -> None:
        self.estate = estate
        self._made = 0
        self._clusters = {
            here.address(resource)
            for here in index_of(inputs).roots
            for resource in here.of(*CLUSTERS)
        }
        self._chances = tuple(self._read(inputs))

    def _read(self, inputs: Inputs) -> Iterator[_Chance]:
        objects = inputs.objects
        if objects is None:
            return
        roles = Roles(objects)
        bindings = {
            (thing.span.source.path, thing.span.start, thing.root): thing
            for thing in self.estate.of("binding")
        }
        for manifest in objects.of("RoleBinding"):
            span = manifest.span
            binding = bindings.get((span.source.path, span.start, manifest.root))
            role = given(manifest.value, "roleRef")
            name = given(role, "name")
            space = namespace_of(manifest)
            if binding is None or name is None or settled(name).unknown is not None:
                continue
            if "$" in space or "{" in space or manifest.library:
                continue
            kind = text_of(given(role, "kind")) or "ClusterRole"
            grants = roles.of(kind, text_of(name), manifest).grants
            runs = [
                (right, grant)
                for right, grant in rights_given(grants, cluster=False)
                if right.kind == "run" and right.sensitive
            ]
            if runs and any(gives(grant, _MAKE) for grant in grants):
                right, grant = runs[0]
                words = f"{grant.role} lets {right.words}"
                yield _Chance(binding, manifest, space, grant, words)

    def link(self, trusted: Trusted) -> None:
        """Link the accounts that somebody may make for a trust to whom it belongs to."""
        for chance in self._chances:
            name = trusted.name(chance.space)
            doubt = self._elsewhere(chance, trusted)
            if not name or doubt is None or self._made >= MAX_MADE:
                continue
            if self._is_in(chance.binding, trusted.identity):
                continue
            account = self._account(chance, name)
            if account is None:
                continue
            self._made += 1
            words = f"it takes an account {name} that somebody makes in {chance.space}"
            if name == "default":
                words = f"it takes the account default of {chance.space}"
            why = "; ".join(d for d in (trusted.doubt, doubt) if d)
            self.estate.link(
                account,
                "becomes",
                trusted.identity,
                trusted.span,
                words,
                certain=not why,
                why=why,
            )

    def _elsewhere(self, chance: _Chance, trusted: Trusted) -> str | None:
        """None where a binding is in no cluster of a trust; else why it may not be."""
        cluster = chance.manifest.cluster
        if trusted.clusters is None or cluster in trusted.clusters:
            return ""
        if cluster in self._clusters:
            return None
        if not cluster and self._clusters == trusted.clusters:
            return ""
        return _APART.format(chance.binding.name)

    def _covered(self, binding: Thing) -> Iterator[tuple[Thing, Edge]]:
        for edge in self.estate.edges_from(binding, VERBS["run"]):
            yield edge.target, edge

    def _is_in(self, binding: Thing, identity: Thing) -> bool:
        """Whether a binding lets run as an account already that has the identity."""
        return any(
            edge.certain and taken.target is identity
            for space, edge in self._covered(binding)
            for held in self.estate.edges_from(space, "contains")
            for taken in self.estate.edges_from(held.target, "becomes")
        )

    def _account(self, chance: _Chance, name: str) -> Thing | None:
        """The account to come, in its namespace; None where there is one of that name."""
        called = f"ServiceAccount/{chance.space}/{name}"
        spaces = [
            space
            for space, edge in self._covered(chance.binding)
            if edge.certain and space.name == f"namespace {chance.space}"
        ]
        for space in spaces:
            for edge in self.estate.edges_from(space, "contains"):
                if edge.target.name == called:
                    return None
        space = spaces[0] if spaces else self._space(chance)
        span = chance.binding.span
        stem = (
            f"{chance.manifest.cluster}:{called}" if chance.manifest.cluster else called
        )
        address = self.estate.free("identity", stem)
        made = Thing("identity", address, called, span, "kubernetes")
        made.root = chance.manifest.root
        account = is_account(self.estate.add(made))
        account.state("declared", value=False)
        self.estate.link(space, "contains", account, span)
        return account

    def _space(self, chance: _Chance) -> Thing:
        """The namespace of a binding in which nothing runs yet."""
        binding, cluster = chance.binding, chance.manifest.cluster
        stem = f"Namespace/{chance.space}"
        stem = f"{cluster}:{stem}" if cluster else stem
        address = self.estate.free("namespace", stem)
        name = f"namespace {chance.space}"
        made = Thing("namespace", address, name, binding.span, "kubernetes")
        made.root = chance.manifest.root
        space = self.estate.add(made)
        span = chance.run.span or binding.span
        self.estate.link(binding, VERBS["run"], space, span, chance.words)
        return space


def named(space: str, name: str) -> Callable[[str], str]:
    """What a trust in one namespace and name takes: that name, there only."""
    return lambda other: name if other == space else ""


def fitting(
    pattern: str, takes: Callable[[str], bool | Unknown]
) -> Callable[[str], str]:
    """What a pattern of subjects takes, `system:serviceaccount:*:trainer` and the like.

    `takes` says whether a subject is taken.
    """
    wanted = pattern.removeprefix(_SUBJECT).partition(":")[2]
    bare, filled = wanted.replace("*", "").strip("-"), wanted.replace("*", "x")
    options = [o for o in (bare, "default", filled) if o and not set("*?${") & set(o)]

    def name(space: str) -> str:
        fits = (o for o in options if takes(f"{_SUBJECT}{space}:{o}") is True)
        return next(fits, "")

    return name
