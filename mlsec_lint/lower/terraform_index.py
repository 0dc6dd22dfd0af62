"""Resources of evaluated Terraform roots, found by type, address, reference and name.

Every cloud lowering joins through this one index: by reference first (a symbol is
certain even where its value is not), then by a name that follows from arguments,
within the root and then across roots. Says no service's words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azapi import without_azapi
from mlsec_lint.lower.formulas import Formulas
from mlsec_lint.lower.modules import expand
from mlsec_lint.patterns import regex
from mlsec_lint.value import Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.terraform.resource import Resource, Root
    from mlsec_lint.value import Value

_KEY = regex(r'\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\]')

#: Attributes whose text other resources use to name this one.
NAMES = (
    "id",
    "arn",
    "bucket",
    "name",
    "url",
    "self_link",
    "email",
    "key_id",
    "repository_id",
    "bucket_regional_domain_name",
    "bucket_domain_name",
    "primary_blob_host",
    "primary_blob_endpoint",
    "primary_dfs_endpoint",
)

_DEPTH = 12


def base_address(address: str) -> str:
    """An address without the instance keys of its modules and of itself."""
    return _KEY.sub("", address) if "[" in address else address


class Satellites(NamedTuple):
    """Resources that state something about a parent.

    * `found`: those that name it, each with the value by which it does;
    * `open`: those of whose parent nobody can tell: while there are any, that a
      satellite is absent is not known.
    """

    found: tuple[Resource, ...]
    open: tuple[Resource, ...]


class RootIndex:
    """One root's resources. `prefix` is "" or "folder:" where the scan has several."""

    def __init__(self, root: Root, prefix: str) -> None:
        self.root = root
        self.prefix = prefix
        self.formulas = Formulas(self.resolve, self.meant)
        self._by_type: dict[str, list[Resource]] = {}
        self._by_address: dict[str, Resource] = {}
        self._by_base: dict[str, list[Resource]] = {}
        self._names: dict[str, dict[str, list[Resource]]] = {}
        self._texts: dict[int, tuple[str, ...]] = {}
        self._outputs: dict[str, dict[str, tuple[Resource, str]]] = {}
        self.resources = (*without_azapi(root.resources), *self._of_modules())
        for resource in self.resources:
            self._by_type.setdefault(type_of(resource), []).append(resource)
            self._by_address.setdefault(resource.address, resource)
            base = base_address(resource.address)
            self._by_base.setdefault(base, []).append(resource)

    def _of_modules(self) -> Iterator[Resource]:
        """Resources of calls of known public modules whose source was not read."""
        for call in self.root.unread_modules:
            made = expand(call, self.root)
            if made is not None:
                self._outputs[call.address] = made.outputs
                yield from made.resources

    def meant(self, symbol: Symbol) -> Symbol:
        """The reference itself; for an output of a known module what it hands out."""
        if not self._outputs or not symbol.path:
            return symbol
        address, path = symbol.address, symbol.path
        outputs = self._outputs.get(address)
        if outputs is None and len(path) > 1:
            key = f"[{path[0]}]" if isinstance(path[0], int) else f'["{path[0]}"]'
            outputs = self._outputs.get(f"{address}{key}")
            path = path[1:]
        if outputs is None:
            return symbol
        found, rest = outputs.get(str(path[0])), path[1:]
        if found is None and len(path) > 1:  # an output that is a map
            found, rest = outputs.get(f"{path[0]}.{path[1]}"), path[2:]
        if found is None:
            return symbol
        own = (found[1],) if found[1] else ()
        return Symbol(found[0].address, (*own, *rest))

    def each(self, value: Value) -> tuple[Value, ...]:
        """The elements of a list; of an output of a known module, references to each.

        A value that is no list, or an unknown one, is its only element.
        """
        if value.unknown is None and isinstance(value.data, tuple):
            return value.elements()
        symbol = symbol_of(value)
        outputs = self._outputs.get(symbol.address) if symbol is not None else None
        if symbol is None or not outputs or len(symbol.path) != 1:
            return (value,)
        found: list[Value] = []
        while (made := outputs.get(f"{symbol.path[0]}.{len(found)}")) is not None:
            resource, attribute = made
            why = f"{resource.address} is not created yet"
            meant = Symbol(resource.address, (attribute,))
            found.append(value.replace(data=Unknown("resource", why, symbol=meant)))
        return tuple(found) or (value,)

    def of(self, *types: str) -> Iterator[Resource]:
        """Resources of these types, in order; data sources as `data.aws_x`."""
        for name in types:
            yield from self._by_type.get(name, ())

    def address(self, resource: Resource) -> str:
        """The address of a resource in the estate, with the root's prefix."""
        return self.prefix + resource.address

    def resolve_all(self, symbol: Symbol) -> list[Resource]:
        """All instances that a reference may mean: one where its key is known."""
        symbol = self.meant(symbol)
        exact = self._by_address.get(symbol.address)
        if exact is not None:
            return [exact]
        found = self._by_base.get(base_address(symbol.address), [])
        if len(found) <= 1:
            return list(found)
        step = symbol.path[0] if symbol.path else None
        wanted = _keys(symbol.address, step)
        return [r for r in found if _fits(_keys(r.address, None), wanted)]

    def resolve(self, symbol: Symbol | None) -> Resource | None:
        """The resource a reference means; None when it is not here or not one."""
        found = self.resolve_all(symbol) if symbol is not None else []
        return found[0] if len(found) == 1 else None

    def text_of(self, value: Value | None) -> str | Unknown | None:
        """A value as text: known, a pattern with unknown parts, or None where absent.

        References are followed through arguments and computed attributes: the ARN of
        a bucket with a known name is known.
        """
        return None if value is None else self.formulas.text_of(value)

    def attribute(self, resource: Resource, *path: str | int) -> str | Unknown | None:
        """The text of an attribute of a resource, computed where it is not set."""
        return self.formulas.attribute(resource, path)

    def parents(self, value: Value | None, types: Sequence[str]) -> list[Resource]:
        """The resources of these types that a value refers to, within this root."""
        if value is None:
            return []
        found = self._by_reference(value, types)
        if found:
            return found
        text = self.formulas.text_of(value)
        return self.named(text, types) if isinstance(text, str) else []

    def _by_reference(self, value: Value, types: Sequence[str]) -> list[Resource]:
        here: Value | None = value
        for _ in range(_DEPTH):
            symbol = symbol_of(here) if here is not None else None
            if symbol is None:
                return []
            found = self.resolve_all(symbol)
            right = [r for r in found if type_of(r) in types]
            if right or len(found) != 1:
                return right
            here = self.formulas.argument_behind(found[0], self.meant(symbol).path)
        return []

    def named(self, text: str, types: Sequence[str]) -> list[Resource]:
        """Resources of these types that go by a text (an id, ARN, name or url)."""
        found: list[Resource] = []
        for name in types:
            found.extend(self._names_of(name).get(text.lower(), ()))
        return found

    def _names_of(self, name: str) -> dict[str, list[Resource]]:
        if name not in self._names:
            table: dict[str, list[Resource]] = {}
            for resource in self._by_type.get(name, ()):
                for text in self.names(resource):
                    table.setdefault(text.lower(), []).append(resource)
            self._names[name] = table
        return self._names[name]

    def names(self, resource: Resource) -> tuple[str, ...]:
        """Every known text by which others may name a resource, without repetition."""
        known = self._texts.get(id(resource))
        if known is None:
            texts = [self.formulas.attribute(resource, (name,)) for name in NAMES]
            known = tuple(dict.fromkeys(t for t in texts if isinstance(t, str) and t))
            self._texts[id(resource)] = known
        return known

    def unknown_parent(self, value: Value | None, types: Sequence[str]) -> bool:
        """Whether a value that names a parent may mean any of them."""
        if value is None or value.is_null or self.parents(value, types):
            return False
        return not isinstance(self.formulas.text_of(value), str)


class _Joined(NamedTuple):
    """Satellites of one root by the id of their parent, and those without a sure one."""

    found: dict[int, list[Resource]]
    open: tuple[Resource, ...]


_ByName = dict[str, list[tuple["RootIndex", "Resource"]]]


class TerraformIndex:
    """All roots of a scan, with the joins inside them and across them."""

    def __init__(self, roots: Sequence[Root]) -> None:
        several = len(roots) > 1
        self.roots = tuple(
            RootIndex(root, _prefix(root) if several else "") for root in roots
        )
        self._homes = {id(r): here for here in self.roots for r in here.resources}
        self._joined: dict[tuple[int, str, str, str], _Joined] = {}
        self._foreign: dict[tuple[str, str, str], _ByName] = {}

    def home(self, resource: Resource) -> RootIndex:
        """The root that a resource belongs to."""
        return self._homes[id(resource)]

    def satellites(
        self,
        here: RootIndex,
        parent: Resource,
        satellite: str,
        attribute: str = "bucket",
    ) -> Satellites:
        """Resources of type `satellite` whose `attribute` (dotted) names `parent`.

        Those of the parent's own root by reference or name; those of other roots by
        name. An open one is of the parent's own root and names nobody for certain.
        """
        joined = self._join(here, type_of(parent), satellite, attribute)
        found = list(joined.found.get(id(parent), ()))
        if len(self.roots) > 1:
            named = self._by_name(type_of(parent), satellite, attribute)
            for name in here.names(parent) if named else ():
                for home, resource in named.get(name.lower(), ()):
                    if home is not here and all(r is not resource for r in found):
                        found.append(resource)
        return Satellites(tuple(found), joined.open)

    def _join(
        self, here: RootIndex, parent_type: str, satellite: str, attribute: str
    ) -> _Joined:
        key = (id(here), parent_type, satellite, attribute)
        if key in self._joined:
            return self._joined[key]
        found: dict[int, list[Resource]] = {}
        unsure: list[Resource] = []
        for resource in here.of(satellite):
            for value in values_at(resource.values, attribute):
                parents = here.parents(value, (parent_type,))
                if len(parents) > 1 and symbol_of(value) is None:
                    unsure.append(resource)  # one name, several resources: which?
                    continue
                for parent in parents:
                    entries = found.setdefault(id(parent), [])
                    if all(r is not resource for r in entries):
                        entries.append(resource)
                if not parents and here.unknown_parent(value, (parent_type,)):
                    unsure.append(resource)
        joined = _Joined(found, tuple(unsure))
        self._joined[key] = joined
        return joined

    def _by_name(self, parent_type: str, satellite: str, attribute: str) -> _ByName:
        """Satellites of any root whose parent that root does not declare, by name."""
        key = (parent_type, satellite, attribute)
        if key not in self._foreign:
            table: _ByName = {}
            for here in self.roots:
                for resource in here.of(satellite):
                    for value in values_at(resource.values, attribute):
                        if here.parents(value, (parent_type,)):
                            continue
                        text = here.text_of(value)
                        if isinstance(text, str) and text:
                            entries = table.setdefault(text.lower(), [])
                            entries.append((here, resource))
            self._foreign[key] = table
        return self._foreign[key]


def _prefix(root: Root) -> str:
    """What addresses of a root begin with in a scan of several roots."""
    if root.variant:
        return f"{root.path or '.'}[{root.variant}]:"
    return f"{root.path}:" if root.path else ""


def index_of(inputs: Inputs) -> TerraformIndex:
    """The index of a scan's roots, made once and kept in the inputs."""
    if inputs.terraform is None:
        inputs.terraform = TerraformIndex(inputs.roots)
    return inputs.terraform


def type_of(resource: Resource) -> str:
    """The type, with `data.` in front for data sources."""
    return f"data.{resource.type}" if resource.mode == "data" else resource.type


def symbol_of(value: Value) -> Symbol | None:
    """The reference a value stands for, whether its value is known or not."""
    if value.symbol is not None:
        return value.symbol
    unknown = value.unknown
    return unknown.symbol if unknown is not None else None


def values_at(value: Value, dotted: str) -> list[Value]:
    """Every value at a dotted path, all elements of lists on the way included."""
    here = [value]
    for name in dotted.split("."):
        following: list[Value] = []
        for item in here:
            for element in item.elements() or (item,):
                child = element.get(name)
                if child is not None and not child.is_null:
                    following.append(child)
        here = following
    whole = [item for item in here if item.data != ()]  # an empty list has no values
    return [e for item in whole for e in (item.elements() or (item,))]


def _keys(address: str, step: str | int | None) -> list[str | None]:
    """Per dotted part of an address its key as written; None where it has none."""
    keys: list[str | None] = []
    at = 0
    for match in re.finditer(r'((?:\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\])?)(\.|$)', address):
        keys.append(match[1] or None)
        at = match.end()
        if at >= len(address):
            break
    if keys and keys[-1] is None and isinstance(step, str | int):
        keys[-1] = f"[{step}]" if isinstance(step, int) else f'["{step}"]'
    return keys


def _fits(has: list[str | None], wanted: list[str | None]) -> bool:
    return len(has) == len(wanted) and all(
        a == b or b in (None, "[*]") or a == "[*]"
        for a, b in zip(has, wanted, strict=True)
    )
