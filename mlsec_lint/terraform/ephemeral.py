"""Which references carry ephemeral values: followed through the references themselves.

Terraform marks the values; following the names instead is exact for whole values, and
costs nothing where a configuration declares nothing ephemeral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform.literals import flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.terraform.configuration import Folder, Item
    from mlsec_lint.terraform.module import Module
    from mlsec_lint.terraform.scope import Reference

    Place = tuple[Module, Reference]


def declares(folder: Folder) -> bool:
    """Whether the folder declares anything ephemeral itself."""
    if any(mode == "ephemeral" for mode, _, _ in folder.resources):
        return True
    declared = (*folder.variables.values(), *folder.outputs.values())
    return any(flag(declaration.content, "ephemeral") for declaration in declared)


def is_ephemeral(module: Module, reference: Reference) -> bool:
    """Whether the reference leads to an ephemeral value."""
    if not module.run.files.ephemeral:
        return False
    seen: set[tuple[int, str, object]] = set()
    waiting: list[Place] = [(module, reference)]
    while waiting:
        here, name = waiting.pop()
        ident = (id(here), name.kind, name.key)
        if ident in seen:
            continue
        seen.add(ident)
        if _is_source(here, name):
            return True
        waiting.extend(_behind(here, name))
    return False


def _is_source(module: Module, reference: Reference) -> bool:
    kind, key = reference.kind, reference.key
    if kind == "var":
        declaration = module.folder.variables.get(str(key))
        return declaration is not None and flag(declaration.content, "ephemeral")
    return kind == "resource" and key[0] == "ephemeral"


def _behind(module: Module, reference: Reference) -> Iterator[Place]:
    """What the named object's own value refers to."""
    kind, key = reference.kind, reference.key
    folder = module.folder
    if kind == "var" and module.call is not None:
        item = module.call.declaration.content.attributes.get(str(key))
        if item is not None:
            yield from _exposed(module.call.parent, item)
    elif kind == "local" and key in folder.locals:
        yield from _exposed(module, folder.locals[str(key)])
    elif kind == "module":
        for child in module.children.made.get(key[0], {}).values():
            names = [key[1]] if key[2:] and key[2] else list(child.folder.outputs)
            for name in names:
                declaration = child.folder.outputs.get(name)
                if declaration is None:
                    continue
                value = declaration.content.attributes.get("value")
                if value is not None:
                    yield from _exposed(child, value)


def _exposed(module: Module, item: Item) -> Iterator[Place]:
    expression = module.run.files.expression(item.source, item.node.expression)
    for reference in expression.exposed():
        yield module, reference
