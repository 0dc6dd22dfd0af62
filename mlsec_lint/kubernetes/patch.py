"""Patches of a kustomization: whom they meet and what they leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.edit import with_field
from mlsec_lint.kubernetes.merge import PatchError, json_patch, strategic_merge
from mlsec_lint.kubernetes.objects import Item, words
from mlsec_lint.kubernetes.select import same, select
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TARGET = "a patch meets no object"
_NOWHERE = Value({})


def patch_of(entry: Value) -> Value | None:
    """The inline text of an entry of `patches`, or the name of its file."""
    for name in ("patch", "path"):
        found = entry.get(name)
        if found is not None and words(found):
            return found
    return None


def apply_patch(items: list[Item], patch: Value, entry: Value) -> Iterator[str]:
    """Apply one patch to the objects it is meant for; words about what failed.

    `entry` is the entry of the kustomization: its `target` and `options` count.
    """
    target = entry.get("target")
    if patch.elements():
        chosen = [] if target is None else select(items, target)
        for item in chosen:
            item.remember()
            try:
                item.value = json_patch(item.value, patch)
            except PatchError as error:
                now = item.id()
                yield f"a patch of {now.kind} {now.name}: {error}"
    else:
        if target is not None:
            chosen = select(items, target)
        else:
            wanted = Item(patch, "").id()
            chosen = [i for i in items if any(same(wanted, one) for one in i.all_ids())]
        for item in chosen:
            _merge(items, item, patch, entry.get("options") or _NOWHERE)
    if not chosen and not _is_for_definitions(patch, target):
        yield _NO_TARGET


def _is_for_definitions(patch: Value, target: Value | None) -> bool:
    """Whether a patch is for definitions of custom resources, which are not read."""
    kinds = (patch.get("kind"), target.get("kind") if target is not None else None)
    return any(words(kind) == "CustomResourceDefinition" for kind in kinds)


def _merge(items: list[Item], item: Item, patch: Value, options: Value) -> None:
    """Strategic merge; kind, name and namespace stay unless the options allow it."""
    before = item.value
    merged = strategic_merge(before, patch)
    if merged is None:
        items.remove(item)
        return
    may_rename = words(options.get("allowNameChange")) == "true"
    may_retype = words(options.get("allowKindChange")) == "true"
    if may_rename or may_retype:
        item.remember()
    if not may_retype:
        for name in ("apiVersion", "kind"):
            merged = with_field(merged, name, before.get(name))
    metadata, old = merged.get("metadata"), before.get("metadata")
    if metadata is not None and isinstance(metadata.data, dict) and old is not None:
        kept = ("namespace",) if may_rename else ("name", "namespace")
        for name in kept:
            metadata = with_field(metadata, name, old.get(name))
        merged = with_field(merged, "metadata", metadata)
    item.value = merged
