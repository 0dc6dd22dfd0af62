"""kustomize's built-in transformers on Items: names, namespaces, labels, images, counts.

The order in which they run is kustomize's; `kustomize.py` calls them.
"""

from __future__ import annotations

import hashlib
import json
from operator import is_
from typing import TYPE_CHECKING, Any

from mlsec_lint.kubernetes.edit import (
    change_at,
    is_known,
    plain,
    replaced_by,
    stated,
    surrounded,
    with_field,
)
from mlsec_lint.kubernetes.objects import CLUSTER_SCOPED, words
from mlsec_lint.patterns import regex
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsec_lint.kubernetes.fieldspecs import Fields, FieldSpec, Reference
    from mlsec_lint.kubernetes.objects import Item

#: Kinds whose names no prefix or suffix changes.
_UNPREFIXED = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_TAGGED = regex(r"(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?")
_HASH_LETTERS = str.maketrans("013ae", "ghkmt")
_NAME = ("metadata", "name")


def set_namespace(items: Iterable[Item], namespace: Value, fields: Fields) -> None:
    """Put every namespaced object into a namespace, and rename the Namespace itself."""

    def settle(old: Value) -> Value:
        if old.data == namespace.data:
            return old
        return stated(
            namespace.data, namespace, old, "the namespace before the overlay"
        )

    def new() -> Value:
        return stated(namespace.data, namespace, None, "")

    for item in items:
        item.remember()
        now = item.id()
        if now.kind not in CLUSTER_SCOPED:
            path = ("metadata", "namespace")
            item.value = change_at(item.value, path, settle, new)
        if now.kind in _BINDINGS:
            item.value = change_at(
                item.value,
                ("subjects",),
                lambda one: _default_subjects(one, settle, new),
            )
        for spec in fields.namespace:
            if spec.selects(now) and spec.path != ("metadata", "namespace"):
                missing = new if spec.create else None
                item.value = change_at(item.value, spec.path, settle, missing)


def _default_subjects(
    subjects: Value, settle: Callable[[Value], Value], new: Callable[[], Value]
) -> Value:
    """Only the subject called `default` follows the overlay's namespace."""
    elements = tuple(
        change_at(one, ("namespace",), settle, new)
        if words(one.get("name")) == "default"
        else one
        for one in subjects.elements()
    )
    return subjects.replace(data=elements) if elements else subjects


def add_affixes(
    items: Iterable[Item], prefix: Value | None, suffix: Value | None, fields: Fields
) -> None:
    """Put a prefix before and a suffix behind names."""
    for affix, specs, is_prefix in (
        (prefix, fields.prefix, True),
        (suffix, fields.suffix, False),
    ):
        if affix is None or not words(affix):
            continue
        for item in items:
            if item.original().kind not in _UNPREFIXED:
                _add_affix(item, affix, specs, is_prefix=is_prefix)


def _add_affix(
    item: Item, affix: Value, specs: list[FieldSpec], *, is_prefix: bool
) -> None:
    word = "namePrefix" if is_prefix else "nameSuffix"

    def surround(old: Value) -> Value:
        if old.data is None or not isinstance(old.data, str | Unknown):
            return old
        return surrounded(old, affix, word, before=is_prefix)

    first = item.original()
    for spec in specs:
        if spec.selects(first):
            if spec.path == _NAME:
                (item.prefixes if is_prefix else item.suffixes).append(words(affix))
                item.remember()
            item.value = change_at(item.value, spec.path, surround)


def add_pairs(items: Iterable[Item], pairs: Value, specs: list[FieldSpec]) -> None:
    """Set labels or annotations at the fields of the specs."""
    entries = {
        name: child for name, child in pairs.items() if not isinstance(child.data, dict)
    }
    if not entries:
        return

    def merge(old: Value) -> Value:
        if not isinstance(old.data, dict):
            return old
        data = dict(old.data)
        for name, child in entries.items():
            data[name] = replaced_by(child, data.get(name), "overridden by the overlay")
        return old.replace(data=data)

    def empty() -> Value:
        return Value({}, pairs.span, key=pairs.key)

    for item in items:
        now = item.id()
        done: set[tuple[str, ...]] = set()
        for spec in specs:
            if spec.path not in done and spec.selects(now):
                done.add(spec.path)
                missing = empty if spec.create else None
                item.value = change_at(item.value, spec.path, merge, missing)


def set_images(items: Iterable[Item], images: list[Value], fields: Fields) -> None:
    """Change names, tags or digests of images wherever containers name them."""
    wanted = [(name, one) for one in images if (name := words(one.get("name")))]
    if not wanted:
        return

    def change(old: Value) -> Value:
        for name, image in wanted:
            old = _changed_image(old, name, image)
        return old

    for item in items:
        item.value = _in_containers(item.value, change, 0)
        now = item.id()
        for spec in fields.images:
            if spec.selects(now):
                item.value = change_at(item.value, spec.path, change)


def _in_containers(value: Value, change: Callable[[Value], Value], depth: int) -> Value:
    """`image` of each element of any `containers` or `initContainers`, at any depth."""
    if depth > 100:
        return value
    data = value.data
    if isinstance(data, dict):
        fields: dict[str, Value] = {}
        for name, child in data.items():
            changed = child
            if isinstance(child.data, dict | tuple):
                changed = _in_containers(child, change, depth + 1)
            if name in ("containers", "initContainers"):
                changed = change_at(changed, ("image",), change)
            if changed is not child:
                fields[name] = changed
        return value.replace(data={**data, **fields}) if fields else value
    elements = value.elements()
    if not elements:
        return value
    listed = tuple(_in_containers(one, change, depth + 1) for one in elements)
    same = all(a is b for a, b in zip(listed, elements, strict=True))
    return value if same else value.replace(data=listed)


def _changed_image(old: Value, wanted: str, image: Value) -> Value:
    data = old.data
    if not isinstance(data, str) or not data.startswith(wanted):
        return old
    if _TAGGED.fullmatch(data, len(wanted)) is None:
        return old
    name, tag, digest = _split_image(data)
    fields = {
        key: image.get(key) for key in ("newName", "newTag", "digest", "tagSuffix")
    }
    texts = {key: words(value) for key, value in fields.items()}
    name = texts["newName"] or name
    if texts["newTag"]:
        tag, digest = texts["newTag"], texts["digest"]
    elif texts["digest"]:
        tag, digest = "", texts["digest"]
    elif texts["tagSuffix"]:
        tag, digest = tag + texts["tagSuffix"], ""
    changed = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    if changed == data:
        return old
    order = ("newTag", "digest", "tagSuffix", "newName")
    by = next((fields[key] for key in order if texts[key]), None) or image
    parts = [
        child for key in order if texts[key] and (child := fields[key]) is not None
    ]
    if any(isinstance(part.data, Unknown) for part in parts):
        unknown = next(p.data for p in parts if isinstance(p.data, Unknown))
        return stated(unknown, by, old, "the image before the overlay")
    return stated(changed, by, old, "the image before the overlay")


def _split_image(text: str) -> tuple[str, str, str]:
    """Name, tag and digest; the colon of a registry's port is no tag."""
    name, _, digest = text.partition("@")
    slash = name.rfind("/")
    colon = name.find(":", slash + 1)
    if colon < 0:
        return name, "", digest
    return name[:colon], name[colon + 1 :], digest


def set_replicas(items: Iterable[Item], replica: Value, fields: Fields) -> bool:
    """Set the count of the workload of that name; False where there is none."""
    wanted = words(replica.get("name"))
    count = replica.get("count")
    if count is None:
        return False
    found = False
    for item in items:
        named = [one for one in item.all_ids() if one.name == wanted]
        for spec in fields.replicas:
            if not any(map(spec.selects, named)):
                continue
            found = True
            item.value = change_at(
                item.value,
                spec.path,
                lambda old: stated(
                    count.data, count, old, "the count before the overlay"
                ),
                (lambda: stated(count.data, count, None, "")) if spec.create else None,
            )
    return found


def add_hashes(items: Iterable[Item]) -> None:
    """Put the hash of their content behind the names of generated objects."""
    for item in items:
        if not item.hashed or not is_known(item.value):
            continue
        digest = content_hash(item.value)
        item.remember()

        def suffix(old: Value, digest: str = digest) -> Value:
            at = old.entry()
            step = () if at is None else (Step(at, "the name before its hash"),)
            return old.replace(data=f"{old.data}-{digest}", trail=(*step, *old.trail))

        item.value = change_at(item.value, _NAME, suffix)


def content_hash(value: Value) -> str:
    """Kustomize's hash of a ConfigMap or Secret: ten letters of a SHA-256.

    The name never enters it, though its key does (api/hasher looks up one field called
    `metadata/name`): the same data give the same hash under every name.
    """
    kind = words(value.get("kind"))
    data = value.get("data")
    content: dict[str, Any] = {"kind": kind, "name": ""}
    content["data"] = "" if data is None else plain(data)
    if kind == "Secret":
        content["type"] = words(value.get("type"))
        extra = "stringData"
    else:
        extra = "binaryData"
    more = value.get(extra)
    if more is not None and isinstance(more.data, dict):
        content[extra] = plain(more)
    text = json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    for mark in "<>&\u2028\u2029":  # as Go's encoder writes them
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return digest[:10].translate(_HASH_LETTERS)


def fix_references(items: list[Item], fields: Fields) -> None:
    """Write the final names wherever the earlier ones of renamed objects stand."""
    renamed: dict[str, list[Item]] = {}
    for item in items:
        for one in item.ids:
            known = renamed.setdefault(one.name, [])
            if item not in known:
                known.append(item)
    if not renamed:
        return
    by_kind: dict[str, list[tuple[Reference, FieldSpec]]] = {}
    for reference in fields.references:
        for spec in reference.fields:
            by_kind.setdefault(spec.kind, []).append((reference, spec))
    for item in items:
        first = item.original()
        for kind in (first.kind, ""):
            for reference, spec in by_kind.get(kind, ()):
                if not spec.selects(first):
                    continue

                def rename(
                    old: Value, item: Item = item, to: Reference = reference
                ) -> Value:
                    return _rename(old, item, to, renamed)

                item.value = change_at(item.value, spec.path, rename)


def _rename(
    old: Value,
    referrer: Item,
    reference: Reference,
    renamed: dict[str, list[Item]],
) -> Value:
    elements = old.elements()
    if elements:
        parts = tuple([_rename(one, referrer, reference, renamed) for one in elements])
        return old if all(map(is_, parts, elements)) else old.replace(data=parts)
    if isinstance(old.data, dict):
        return _rename_mapping(old, referrer, reference, renamed)
    if not isinstance(old.data, str):
        return old
    target = _referral(old.data, None, referrer, reference, renamed)
    if target is None:
        return old
    name = target.value.at(*_NAME)
    if name is None or name.data == old.data:
        return old
    return _followed(old, name)


def _rename_mapping(
    old: Value, referrer: Item, reference: Reference, renamed: dict[str, list[Item]]
) -> Value:
    """A reference with a name and a namespace of its own (a subject, a webhook's service)."""
    name = old.get("name")
    if name is None or not isinstance(name.data, str):
        return old
    namespace = old.get("namespace")
    wanted = None if namespace is None else words(namespace)
    target = _referral(name.data, wanted, referrer, reference, renamed)
    if target is None:
        return old
    new_name = target.value.at(*_NAME)
    new_namespace = target.value.at("metadata", "namespace")
    if new_name is not None and new_name.data != name.data:
        old = with_field(old, "name", _followed(name, new_name))
    if new_namespace is not None and words(new_namespace):
        if namespace is None:
            old = with_field(old, "namespace", new_namespace)
        elif namespace.data != new_namespace.data:
            old = with_field(old, "namespace", _followed(namespace, new_namespace))
    return old


def _followed(old: Value, name: Value) -> Value:
    """The reference stays where it is written; the trail leads to the name it follows."""
    at = name.entry()
    steps = name.trail if at is None else (Step(at, "follows the name"), *name.trail)
    return old.replace(data=name.data, trail=(*old.trail, *steps))


def _referral(
    name: str,
    namespace: str | None,
    referrer: Item,
    reference: Reference,
    renamed: dict[str, list[Item]],
) -> Item | None:
    """The object that a name refers to, or None where it is none or several."""
    found = [
        one
        for one in renamed.get(name, ())
        if any(reference.selects(earlier) for earlier in one.ids)
    ]
    now = referrer.id()
    if namespace is not None:
        inside = [
            one for one in found if _space(one.original()) == (namespace or "default")
        ]
        found = inside or [
            o for o in found if _space(o.id()) == (namespace or "default")
        ]
    role = referrer.value.get("roleRef")
    if reference.kind in ("Role", "ClusterRole") and role is not None:
        kind = words(role.get("kind"))
        found = [one for one in found if any(e.kind == kind for e in one.ids)]
    if now.kind not in CLUSTER_SCOPED:
        found = [
            one
            for one in found
            if one.id().kind in CLUSTER_SCOPED
            or one.id().kind == "ServiceAccount"
            or _space(one.id()) == _space(now)
        ]
    if len(found) > 1:
        found = [one for one in found if _same_affixes(one, referrer, allow_empty=True)]
    if len(found) > 1:
        exact = [
            one for one in found if _same_affixes(one, referrer, allow_empty=False)
        ]
        found = exact
    if len(found) > 1 and len({one.id().name for one in found}) > 1:
        return None
    return found[0] if found else None


def _space(one: Any) -> str:
    return one.namespace or "default"


def _same_affixes(one: Item, other: Item, *, allow_empty: bool) -> bool:
    pairs = ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    for mine, theirs in pairs:
        if allow_empty and (not mine or not theirs):
            continue
        if not _same_end(mine, theirs):
            return False
    return True


def _same_end(one: list[str], other: list[str]) -> bool:
    short, long = sorted((one, other), key=len)
    if not short:
        return not long
    return long[-len(short) :] == short
