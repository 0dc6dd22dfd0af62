"""All bindings and denials of a scan, and those that can matter for one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.bindings import (
    SUFFIXES,
    Origin,
    bindings_above,
    of_resource,
)
from mlsec_lint.lower.gcp.grants.constraints import Constraints
from mlsec_lint.lower.gcp.grants.denials import denials_of
from mlsec_lint.lower.gcp.grants.entitlements import entitled
from mlsec_lint.lower.gcp.grants.evaluate import Binding, Scope, covers, holders
from mlsec_lint.lower.gcp.grants.roles import BASIC
from mlsec_lint.lower.gcp.grants.scopes import Places
from mlsec_lint.lower.gcp.grants.texts import whole
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.recipes import Recipes
from mlsec_lint.lower.unsure import may_be_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.lower.gcp.grants.evaluate import Holder, Target
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource


#: How many bindings all questions together look at.
MOST = 2_000_000


class Rights:
    """Bindings by where they are, so that one resource asks only those that may count."""

    def __init__(self, index: TerraformIndex) -> None:
        self.index = index
        self.places = Places(index)
        self.denials = denials_of(index)
        self.constraints = Constraints(index)
        self.recipes = Recipes()
        self.asked = 0
        self._at: dict[Scope, list[Binding]] = {}
        self._anywhere: list[Binding] = []
        self._basic: list[Binding] = []
        for binding in (*bindings_above(index), *entitled(index)):
            if binding.role in BASIC:
                self._basic.append(binding)
            if not binding.rights.certain and not binding.rights.more:
                continue
            if whole(binding.scope.name) and binding.scope.level != "folder":
                self._at.setdefault(binding.scope, []).append(binding)
            else:
                self._anywhere.append(binding)
        self._unplaced = [b for found in self._at.values() for b in found]

    def holders(
        self,
        permissions: Sequence[str],
        target: Target,
        own: Iterable[Binding],
        home: RootIndex | None,
    ) -> Iterator[Holder]:
        """Who holds one of the permissions, by bindings on it (`own`) or above it.

        A grant on a project of another root than `home` counts where its project is
        known to be that of the resource, and the roots are no alternatives (recipes.py):
        two roots are not joined by a guess.
        """
        found = [*own, *self.above(target, home)]
        seen = {id(binding) for binding in found}
        # holders of basic roles answer to `projectEditor:`; they are no grants here
        basic = [b for b in self._basic if id(b) not in seen]
        self.asked += (len(found) + len(basic)) * (1 + len(self.denials))
        if self.asked > MOST:
            return
        denials = [
            denial
            for root, denial in self.denials
            if root is home or whole(denial.scope.name)
        ]
        for holder in holders(permissions, target, [*found, *basic], denials):
            if id(holder.binding) in seen:
                yield holder

    def above(self, target: Target, home: RootIndex | None) -> list[Binding]:
        """Bindings on what a resource lies in, and those of which nobody can tell."""
        if len(self.index.roots) == 1:
            return self._above(target)
        return [
            binding
            for binding in self._above(target)
            if _near(binding, home)
            or (_joined(binding, target) and not self._apart(binding, home))
        ]

    def _apart(self, binding: Binding, home: RootIndex | None) -> bool:
        """Whether a grant is of a root that is an alternative to a resource's own."""
        origin = binding.origin
        if home is None or not isinstance(origin, Origin):
            return False
        return self.recipes.apart(origin.here, home, origin.span)

    def _above(self, target: Target) -> list[Binding]:
        sure = all(whole(scope.name) for scope in target.above)
        if not sure or not any(s.level == "project" for s in target.above):
            return [*self._unplaced, *self._anywhere]
        found = [b for scope in target.above for b in self._at.get(scope, ())]
        if not any(s.level == "organisation" for s in target.above):
            found += [b for b in self._unplaced if b.scope.level == "organisation"]
        return [*found, *self._anywhere]

    def on(
        self, here: RootIndex, parent: Resource, stem: str, attribute: str, scope: Scope
    ) -> Iterator[tuple[str, Binding]]:
        """Bindings on a declared resource itself, with the kind of the IAM resource."""
        for suffix in SUFFIXES:
            kind = f"{stem}_{suffix}"
            joined = self.index.satellites(here, parent, kind, attribute)
            for owner in joined.found:
                home = self.index.home(owner)
                for binding in of_resource(home, owner, suffix, scope):
                    yield suffix, binding
            for owner in joined.open:
                if may_be_any(here, given(owner.values, attribute)):
                    why = f"on what {owner.address} is is not known"
                    for binding in of_resource(here, owner, suffix, scope):
                        doubt = "; ".join(d for d in (binding.doubt, why) if d)
                        yield "", binding._replace(doubt=doubt)


def _near(binding: Binding, home: RootIndex | None) -> bool:
    origin = binding.origin
    return isinstance(origin, Origin) and origin.here is home


def _joined(binding: Binding, target: Target) -> bool:
    """Whether a grant of another root is on a project that is certainly the same."""
    return binding.scope.level != "project" or covers(binding.scope, target) is True
