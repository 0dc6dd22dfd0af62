"""Strategic merge patches and JSON patches on Values.

Merge keys are those of the built-in API types (OpenAPI `x-kubernetes-patch-merge-key`
and `x-kubernetes-list-map-keys`, Kubernetes 1.32, read 2026-11). A custom resource has
none: its lists are replaced as a whole, as kustomize does without a schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.edit import plain, replaced_by, with_field
from mlsec_lint.kubernetes.objects import words
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Field name -> merge keys, for lists of objects below a pod spec or an object's spec.
_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "claims": ("name",),
    "secrets": ("name",),
    "webhooks": ("name",),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
    "matchConditions": ("name",),
}
#: `ports` means three things: of a container, of a Service, of anything else (no key).
_CONTAINER_PORTS = ("containerPort", "protocol")
_SERVICE_PORTS = ("port", "protocol")
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
#: Lists of scalars that are merged like sets.
_SETS = frozenset({"finalizers"})
#: Groups with a dot in their names whose types are built in all the same.
_BUILT_IN = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)

_OVERRIDDEN = "overridden by a patch"


def is_built_in(api_version: str) -> bool:
    """Whether the API's types are part of Kubernetes itself, so that merge keys exist."""
    group = api_version.rpartition("/")[0]
    return "." not in group or group in _BUILT_IN


def strategic_merge(target: Value, patch: Value) -> Value | None:
    """The target with a strategic merge patch applied; None where it is deleted."""
    built_in = is_built_in(words(target.get("apiVersion")))
    kind = words(target.get("kind"))
    return _merge(target, patch, (kind,) if built_in else ())


def _merge(old: Value | None, new: Value, path: tuple[str, ...]) -> Value | None:
    """Merge one node. `path` is empty for types without merge keys."""
    if isinstance(new.data, dict):
        return _merge_mapping(old, new, path)
    if new.data is None:
        return None
    if new.data == () or new.elements():
        return _merge_list(old, new, path)
    return replaced_by(new, old, _OVERRIDDEN)


def _merge_mapping(
    old: Value | None, new: Value, path: tuple[str, ...]
) -> Value | None:
    directive = words(new.get("$patch"))
    if directive == "delete":
        return None
    if directive == "replace" or old is None or not isinstance(old.data, dict):
        clean = _without_directives(new)
        return replaced_by(clean, old, _OVERRIDDEN) if old is not None else clean
    fields: dict[str, Value] = dict(old.data)
    for name, child in new.data.items():
        if name.startswith("$"):
            continue
        merged = _merge(fields.get(name), child, (*path, name) if path else ())
        if merged is None:
            fields.pop(name, None)
        else:
            fields[name] = merged
    return old.replace(data=fields)


def _without_directives(value: Value) -> Value:
    """What a patch adds: no directives, no nulls."""
    if isinstance(value.data, dict):
        kept = {
            name: _without_directives(child)
            for name, child in value.data.items()
            if child.data is not None and not name.startswith("$")
        }
        return value.replace(data=kept)
    if value.elements():
        kept_elements = [
            _without_directives(one)
            for one in value.elements()
            if not _is_directive(one) and words(one.get("$patch")) != "delete"
        ]
        return value.replace(data=tuple(kept_elements))
    return value


def _is_directive(element: Value) -> bool:
    return isinstance(element.data, dict) and set(element.data) == {"$patch"}


def _merge_list(old: Value | None, new: Value, path: tuple[str, ...]) -> Value | None:
    elements = new.elements()
    directives = {words(one.get("$patch")) for one in elements if _is_directive(one)}
    if "delete" in directives:
        return None
    keys = _keys(path)
    if (
        old is None
        or old.data is None
        or "replace" in directives
        or keys is None
        or isinstance(old.data, Unknown)
    ):
        return replaced_by(_without_directives(new), old, _OVERRIDDEN)
    if keys == ():
        present = {words(one) for one in elements}
        rest = [one for one in old.elements() if words(one) not in present]
        return old.replace(data=(*elements, *rest))
    return old.replace(
        data=tuple(_merge_elements(old.elements(), elements, keys, path))
    )


def _merge_elements(
    old: tuple[Value, ...],
    new: tuple[Value, ...],
    keys: tuple[str, ...],
    path: tuple[str, ...],
) -> Iterable[Value]:
    """Elements of the patch first, each merged into its namesake, then the others."""
    used: set[int] = set()
    merged: list[Value] = []
    by_key: dict[tuple[str, ...], list[int]] = {}
    for place, one in enumerate(old):
        by_key.setdefault((words(one.get(keys[0])),), []).append(place)
    for element in new:
        index = _namesake(old, by_key, element, keys)
        before = None
        if index is not None:
            used.add(index)
            before = old[index]
        result = _merge(before, element, path)
        if result is not None and result.data:
            merged.append(result)
    yield from merged
    for place, one in enumerate(old):
        if place not in used:
            yield one


def _namesake(
    old: tuple[Value, ...],
    by_key: dict[tuple[str, ...], list[int]],
    element: Value,
    keys: tuple[str, ...],
) -> int | None:
    """The element with the same keys; a key that one side leaves out matches."""
    first = words(element.get(keys[0]))
    for index in by_key.get((first,), ()):
        pairs = ((words(old[index].get(k)), words(element.get(k))) for k in keys[1:])
        if all(a == b or not a or not b for a, b in pairs):
            return index
    return None


def _keys(path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Merge keys of the list at a path; () for a set of scalars; None: it is replaced."""
    if not path:
        return None
    name = path[-1]
    if name in _SETS:
        return ()
    if name == "ports":
        if len(path) > 1 and path[-2] in _CONTAINER_LISTS:
            return _CONTAINER_PORTS
        return _SERVICE_PORTS if path == ("Service", "spec", "ports") else None
    if name == "secrets" and path[0] != "ServiceAccount":
        return None
    if name == "conditions" and "status" not in path:
        return None
    return _MERGE_KEYS.get(name)


class PatchError(Exception):
    """A JSON patch that does not apply, with words for people."""


def json_patch(target: Value, operations: Value) -> Value:
    """The target with RFC 6902 operations applied in order; PatchError where one fails."""
    for operation in operations.elements():
        target = _apply(target, operation)
    return target


def _apply(target: Value, operation: Value) -> Value:
    verb = words(operation.get("op"))
    path = _pointer(words(operation.get("path")))
    value = operation.get("value")
    if verb in ("add", "replace"):
        if value is None:
            value = Value(None, operation.span, key=operation.key)
        return _set(target, path, value, replace=verb == "replace")
    if verb == "remove":
        return _remove(target, path)
    if verb in ("move", "copy"):
        origin = _pointer(words(operation.get("from")))
        moved = _get(target, origin)
        if verb == "move":
            target = _remove(target, origin)
        return _set(target, path, moved, replace=False)
    if verb == "test":
        found = _get(target, path)
        if value is not None and plain(found) != plain(value):
            raise PatchError(f"test of {'/'.join(path)} fails")
        return target
    raise PatchError(f"operation {verb or '(none)'} is not known")


def _pointer(text: str) -> tuple[str, ...]:
    if text == "":
        return ()
    if not text.startswith("/"):
        raise PatchError(f"{text} is no JSON pointer")
    parts = text[1:].split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _index(elements: tuple[Value, ...], step: str, *, end: bool) -> int:
    if step == "-" and end:
        return len(elements)
    if not step.isdecimal() or len(step) > 9:
        raise PatchError(f"{step} is no index of a list")
    index = int(step)
    if index >= len(elements) + (1 if end else 0):
        raise PatchError(f"index {step} is past the end")
    return index


def _get(value: Value, path: tuple[str, ...]) -> Value:
    for step in path:
        if isinstance(value.data, dict):
            child = value.data.get(step)
            if child is None:
                raise PatchError(f"there is no {step}")
            value = child
        else:
            elements = value.elements()
            value = elements[_index(elements, step, end=False)]
    return value


def _set(value: Value, path: tuple[str, ...], new: Value, *, replace: bool) -> Value:
    """Add or replace. A field to replace need not be there (evanphx/json-patch v4)."""
    if not path:
        return replaced_by(new, value, _OVERRIDDEN)
    step, rest = path[0], path[1:]
    if isinstance(value.data, dict):
        child = value.data.get(step)
        if rest:
            if child is None:
                raise PatchError(f"there is no {step}")
            return with_field(value, step, _set(child, rest, new, replace=replace))
        return with_field(value, step, replaced_by(new, child, _OVERRIDDEN))
    if isinstance(value.data, Unknown) or not isinstance(value.data, tuple):
        raise PatchError(f"{step} leads into what is no list or mapping")
    elements = value.elements()
    index = _index(elements, step, end=not rest and not replace)
    if rest or replace:
        changed = _set(elements[index], rest, new, replace=replace)
        return value.replace(data=(*elements[:index], changed, *elements[index + 1 :]))
    return value.replace(data=(*elements[:index], new, *elements[index:]))


def _remove(value: Value, path: tuple[str, ...]) -> Value:
    if not path:
        raise PatchError("the whole object cannot be removed")
    step, rest = path[0], path[1:]
    if isinstance(value.data, dict):
        child = value.data.get(step)
        if child is None:
            raise PatchError(f"there is no {step} to remove")
        return with_field(value, step, _remove(child, rest) if rest else None)
    elements = value.elements()
    index = _index(elements, step, end=False)
    kept = (_remove(elements[index], rest),) if rest else ()
    return value.replace(data=(*elements[:index], *kept, *elements[index + 1 :]))
