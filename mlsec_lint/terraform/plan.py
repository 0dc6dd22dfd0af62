"""Plan files: `terraform show -json` as a Root.

What is known after apply is Unknown. Where the configuration is in the scanned folder,
it is evaluated with the plan's variables and the planned values take their places in
it; otherwise values stand where the plan file has them.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from mlsec_lint.parse.json import json_documents
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.terraform.plan_join import best_folder, joined, placed
from mlsec_lint.terraform.plan_references import Place
from mlsec_lint.terraform.plan_values import Planned, References, typed
from mlsec_lint.terraform.resource import ProviderUse, Resource, Root
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.discovery import Tree

MAX_DEPTH = 64
_MODULE = regex(r"module\.([\w-]+(?:\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?)\.?")


def read_plan(text: str, tree: Tree | None = None, path: str = "plan.json") -> Root:
    """The resources of a plan. A text that is none gives a Root with a note."""
    source = Source(path, text)
    documents, notes = json_documents(source)
    plan = typed(documents[0].value) if documents else None
    if (
        plan is None
        or not isinstance(plan.data, dict)
        or "planned_values" not in plan.data
    ):
        words = "This is no plan: make it with `terraform show -json PLANFILE`."
        note = Note("plan-not-read", words, path, Span(source, 0, 0), incomplete=True)
        return Root(posixpath.dirname(path), notes=[*notes, note])
    root = _Plan(plan, path).root()
    root.notes.extend(notes)
    if tree is not None:
        root = _join(root, plan, tree, path)
    return root


class _Plan:
    """One plan document and what is read from it."""

    def __init__(self, plan: Value, path: str) -> None:
        self.plan = plan
        self.path = path
        self.top = Place(plan.at("configuration", "root_module"))
        self.changes: dict[str, Value] = {}
        changes = plan.get("resource_changes")
        for change in changes.elements() if changes is not None else ():
            address = _text(change, "address")
            if address:
                self.changes[address] = change

    def root(self) -> Root:
        """All resources and outputs."""
        root = Root(posixpath.dirname(self.path))
        seen: set[str] = set()
        for place in (("planned_values",), ("prior_state", "values")):
            module = self.plan.at(*place, "root_module")
            only_data = place[0] == "prior_state"
            for resource in _resources(module):
                address = _text(resource, "address")
                if address in seen or (only_data and _text(resource, "mode") != "data"):
                    continue
                seen.add(address)
                root.resources.append(self._resource(resource, address))
        self._outputs(root)
        variables = self.plan.get("variables")
        for name, variable in variables.items() if variables is not None else ():
            root.variables[name] = variable.get("value") or Value(None)
        return root

    def _outputs(self, root: Root) -> None:
        changes = self.plan.get("output_changes")
        hidden = []
        for name, change in changes.items() if changes is not None else ():
            expression = (
                self.top.module.at("outputs", name, "expression")
                if self.top.module
                else None
            )
            planned = Planned(
                f"output.{name}",
                change.get("after"),
                change.get("after_unknown"),
                change.get("after_sensitive"),
                References(expression, self.top.symbol),
            )
            root.outputs[name] = planned.to_value()
            if root.outputs[name].sensitive:
                hidden.append(name)
        root.sensitive_outputs = frozenset(hidden)

    def _resource(self, resource: Value, address: str) -> Resource:
        place, local = self._place(address)
        configured = place.resource(re.sub(r"\[.*\]$", "", local))
        change = self.changes.get(address)
        after = change.get("change") if change is not None else None
        expressions = configured.get("expressions") if configured is not None else None
        planned = Planned(
            address,
            resource.get("values"),
            after.get("after_unknown") if after is not None else None,
            resource.get("sensitive_values"),
            References(expressions, place.symbol),
        )
        value = _configured(planned.to_value(), expressions)
        assert resource.span is not None
        index = resource.get("index")
        return Resource(
            address,
            _text(resource, "type"),
            _text(resource, "name"),
            _text(resource, "mode"),
            place.address,
            value.replace(span=resource.span, key=_key(resource)),
            _key(resource),
            resource.span,
            self._provider(configured, _text(resource, "type")),
            _index(index),
        )

    def _place(self, address: str) -> tuple[Place, str]:
        """The module of an address, and the address inside it."""
        place, at = self.top, 0
        for _ in range(MAX_DEPTH):
            found = _MODULE.match(address, at)
            if found is None:
                break
            place, at = place.child(found.group(1)), found.end()
        return place, address[at:]

    def _provider(self, configured: Value | None, type_: str) -> ProviderUse:
        key = _text(configured, "provider_config_key") if configured is not None else ""
        key = key.rpartition(":")[2] or type_.split("_", 1)[0]
        found = self.plan.at("configuration", "provider_config")
        block = found.get(key) if found is not None else None
        name, _, alias = key.partition(".")
        if block is None:
            return ProviderUse(name, alias)
        return ProviderUse(
            _text(block, "name") or name,
            _text(block, "alias") or alias,
            _constants(block.get("expressions"), self.plan),
            block.key or block.span,
            _text(block, "full_name").removeprefix("registry.terraform.io/"),
            _text(block, "version_constraint"),
        )


def _constants(expressions: Value | None, plan: Value) -> Value | None:
    """A provider's arguments: constants, and variables of the root."""
    if expressions is None:
        return None
    data = expressions.data
    if isinstance(data, tuple):
        parts = [_constants(part, plan) or Value({}) for part in data]
        return expressions.replace(data=tuple(parts))
    if not isinstance(data, dict):
        return expressions
    if "constant_value" in data:
        constant: Value = data["constant_value"]
        return constant.replace(key=expressions.key)
    if "references" in data:
        words = [v.data for v in data["references"].elements()]
        only = words[0] if len(words) == 1 and isinstance(words[0], str) else ""
        if only.startswith("var."):
            value = plan.at("variables", only.removeprefix("var."), "value")
            if value is not None:
                return value.replace(key=expressions.key)
        unknown = Unknown(
            "variable", "the plan does not say", only, span=expressions.span
        )
        return Value(unknown, expressions.span, key=expressions.key)
    items = {n: _constants(part, plan) or Value(None) for n, part in data.items()}
    return expressions.replace(data=items)


def _configured(value: Value, expressions: Value | None) -> Value:
    """The value without what is merely computed: unknown or empty and written nowhere."""
    written = expressions.data if expressions is not None else {}
    if not isinstance(value.data, dict) or not isinstance(written, dict):
        return value
    kept = {
        name: part
        for name, part in value.data.items()
        if name in written
        or not (isinstance(part.data, Unknown) or part.data in (None, (), {}))
    }
    return value.replace(data=kept)


def _resources(module: Value | None) -> Iterator[Value]:
    """All resources of a module of planned values and of its children, in order."""
    waiting = [module]
    while waiting:
        here = waiting.pop()
        if here is None:
            continue
        listed = here.get("resources")
        yield from listed.elements() if listed is not None else ()
        children = here.get("child_modules")
        waiting.extend(reversed(children.elements() if children is not None else ()))


def _text(value: Value, name: str) -> str:
    found = value.get(name)
    return found.data if found is not None and isinstance(found.data, str) else ""


def _index(value: Value | None) -> str | int | None:
    if value is None or not isinstance(value.data, str | int):
        return None
    return value.data


def _key(resource: Value) -> Span:
    """Where the plan names the resource."""
    address = resource.get("address")
    span = address.span if address is not None else resource.span
    assert span is not None
    return span


def _join(root: Root, plan: Value, tree: Tree, path: str) -> Root:
    """The plan's values in the places of the configuration, if it is in the folder."""
    from mlsec_lint.terraform import roots
    from mlsec_lint.terraform.run import Files

    files = Files(tree)
    folders = roots.configuration_folders(tree)
    names = _names(plan.at("configuration", "root_module"))
    folder = best_folder(files, folders, names, posixpath.dirname(path))
    if folder is None:
        text = "The configuration of this plan is not in the scanned folder."
        root.notes.append(Note("plan-without-configuration", text, path))
        return root
    known = roots.evaluate(files, folder, values=root.variables)
    return _merged(root, known)


def _names(module: Value | None) -> set[str]:
    """What the plan's root module configures."""
    if module is None:
        return set()
    listed = module.get("resources")
    names = {_text(r, "address") for r in (listed.elements() if listed else ())}
    for kind, prefix in (("module_calls", "module."), ("outputs", "output.")):
        found = module.get(kind)
        names |= {prefix + n for n, _ in (found.items() if found is not None else ())}
    return names


def _merged(root: Root, known: Root) -> Root:
    """The plan's instances, each at the place that the configuration gives it."""
    exact = {resource.address: resource for resource in known.resources}
    any_of = {_without_keys(resource.address): resource for resource in known.resources}
    made: list[Resource] = []
    for resource in root.resources:
        place = exact.get(resource.address)
        other = place or any_of.get(_without_keys(resource.address))
        if other is None:
            made.append(resource)
        elif place is not None:
            made.append(_at(resource, place, joined(place.values, resource.values)))
        else:
            values = placed(resource.values, other.values)
            made.append(_at(resource, other, values))
    known.resources = made
    for name, value in root.outputs.items():
        written = known.outputs.get(name)
        known.outputs[name] = value if written is None else joined(written, value)
    known.notes = [*root.notes, *known.notes]
    return known


def _at(planned: Resource, written: Resource, values: Value) -> Resource:
    return Resource(
        planned.address,
        planned.type,
        planned.name,
        planned.mode,
        planned.module,
        values,
        written.span,
        written.block,
        written.provider,
        planned.index,
        written.lifecycle,
        written.depends_on,
        written.calls,
    )


def _without_keys(address: str) -> str:
    return re.sub(r"\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\]", "", address)
