"""configMapGenerator and secretGenerator: objects made of literals, files and env files."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.edit import with_field
from mlsec_lint.kubernetes.objects import Item, words
from mlsec_lint.source import Note, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.discovery import Tree

#: Base64 text of Secrets is broken into lines of this length, as kustomize does.
_LINE = 70


class Generator:
    """Makes the generated objects of one kustomization.

    `resolve` gives the path of a file named in it, relative to the root of the tree.
    """

    def __init__(
        self, tree: Tree, path: str, resolve: Callable[[str], str | None]
    ) -> None:
        self.tree = tree
        self.path = path
        self.resolve = resolve
        self.notes: list[Note] = []

    def generate(self, kind: str, args: Value, options: Value | None) -> Item | None:
        """The object of one entry, or None where it has no name."""
        name = args.get("name")
        if name is None or not isinstance(name.data, str):
            return None
        entry = args.span
        pairs, binary = self._pairs(args)
        if kind == "Secret":
            pairs = {key: _secret(value) for key, value in pairs.items()}
            pairs.update((k, v.replace(sensitive=True)) for k, v in binary.items())
        metadata: dict[str, Value] = {"name": name}
        namespace = args.get("namespace")
        if namespace is not None and words(namespace):
            metadata["namespace"] = namespace
        key = name.key
        fields = {
            "apiVersion": Value("v1", entry, key=key),
            "kind": Value(kind, entry, key=key),
            "metadata": Value(metadata, entry, key=key),
        }
        if kind == "Secret":
            fields["type"] = args.get("type") or Value("Opaque", entry, key=key)
        if pairs:
            fields["data"] = Value(pairs, entry, key=key)
        if binary and kind != "Secret":
            fields["binaryData"] = Value(binary, entry, key=key)
        item = Item(Value(fields, entry), self.path)
        item.behavior = words(args.get("behavior")) or "create"
        item.hashed = True
        self._options(item, args.get("options"), options)
        return item

    def _options(self, item: Item, own: Value | None, general: Value | None) -> None:
        for name in ("labels", "annotations"):
            merged: dict[str, Value] = {}
            for options in (general, own):
                found = options.get(name) if options is not None else None
                if found is not None:
                    merged.update(found.items())
            if merged:
                metadata = item.value.get("metadata")
                assert metadata is not None
                added = with_field(metadata, name, Value(merged, item.value.span))
                item.value = with_field(item.value, "metadata", added)
        for options in (general, own):
            if options is None:
                continue
            if words(options.get("disableNameSuffixHash")) == "true":
                item.hashed = False
            immutable = options.get("immutable")
            if words(immutable) == "true":
                item.value = with_field(item.value, "immutable", immutable)

    def _pairs(self, args: Value) -> tuple[dict[str, Value], dict[str, Value]]:
        """Texts and binary contents by name."""
        pairs: dict[str, Value] = {}
        envs = [args.get("env")] if args.get("env") is not None else []
        for one in (*_listed(args, "envs"), *envs):
            if one is not None:
                pairs.update(self._from_env(one))
        for one in _listed(args, "literals"):
            text = one.data
            if isinstance(text, str) and "=" in text:
                name, _, content = text.partition("=")
                pairs[name] = one.replace(data=_unquoted(content), key=None)
            elif isinstance(text, Unknown):
                pairs[words(one)] = one
        binary: dict[str, Value] = {}
        for one in _listed(args, "files"):
            name, value, is_binary = self._from_file(one)
            (binary if is_binary else pairs)[name] = value
        return pairs, binary

    def _file(self, named: Value, path: str) -> bytes | None:
        """The bytes of a file that an entry names, or None with a note."""
        real = self.resolve(path)
        content = None
        if real is not None and self.tree.exists(real):
            content = self.tree.bytes(real)
        if content is None:
            text = f"{path} is not read: a generator names it"
            self.notes.append(
                Note("file-not-read", text, self.path, named.span, strict_only=True)
            )
        return content

    def _text(self, path: str, content: bytes) -> Span | None:
        """The whole text of a file that was read; None where it is no text."""
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return None
        source = self.tree.source(self.resolve(path) or path)
        return None if source is None else Span(source, 0, len(source.text))

    def _from_file(self, named: Value) -> tuple[str, Value, bool]:
        """Name, value, and whether it is binary."""
        text = words(named)
        name, _, path = text.rpartition("=")
        name = name or path.rpartition("/")[2]
        step = () if named.span is None else (Step(named.span, "a generator names it"),)
        content = self._file(named, path)
        if content is None:
            why = f"the file {path} is not read"
            unknown = Unknown("unsupported", why, name=path, span=named.span)
            return name, Value(unknown, named.span), False
        span = self._text(path, content)
        if span is None:
            return name, named.replace(data=_base64(content), key=None), True
        found = Value(span.text, span, trail=step, type="quoted")
        return name, found, False

    def _from_env(self, named: Value) -> dict[str, Value]:
        path = words(named)
        content = self._file(named, path)
        span = None if content is None else self._text(path, content)
        if span is None:
            return {}
        pairs: dict[str, Value] = {}
        at = 0
        for line in span.text.split("\n"):
            stripped = line.lstrip()
            if stripped and not stripped.startswith("#"):
                name, _, text = stripped.partition("=")
                where = Span(span.source, at, at + len(line.rstrip("\r")))
                pairs[name.rstrip("\r")] = Value(text.rstrip("\r"), where)
            at += len(line) + 1
        return pairs


def _listed(args: Value, name: str) -> tuple[Value, ...]:
    found = args.get(name)
    return found.elements() if found is not None else ()


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _secret(value: Value) -> Value:
    """The base64 text of a Secret; the plain value stays known as its origin."""
    if not isinstance(value.data, str):
        return value.replace(sensitive=True)
    raw = _base64(value.data.encode("utf-8", "replace"))
    return value.replace(data=raw, sensitive=True, origin=("base64", value))


def _base64(content: bytes) -> str:
    raw = base64.b64encode(content).decode()
    if len(raw) >= _LINE:
        raw = "".join(raw[i : i + _LINE] + "\n" for i in range(0, len(raw), _LINE))
    return raw


def absorb(items: list[Item], made: Item) -> str:
    """Add a generated object, or merge it into the one it names; words on failure."""
    wanted = made.id()
    for index, old in enumerate(items):
        if any(
            (one.kind, one.name) == (wanted.kind, wanted.name)
            and (one.namespace or "default") == (wanted.namespace or "default")
            for one in old.all_ids()
        ):
            if made.behavior not in ("merge", "replace"):
                return f"{wanted.kind} {wanted.name} is there already"
            _merge_into(made, old)
            items[index] = made
            return ""
    if made.behavior in ("merge", "replace"):
        return f"there is no {wanted.kind} {wanted.name} to {made.behavior}"
    items.append(made)
    return ""


def _merge_into(made: Item, old: Item) -> None:
    """Names and labels stay those of the old object; with `merge` so does its data."""
    metadata, before = made.value.get("metadata"), old.value.get("metadata")
    assert metadata is not None
    if before is not None and isinstance(before.data, dict):
        merged = dict(before.data)
        for name in ("labels", "annotations"):
            mine, theirs = metadata.get(name), before.get(name)
            if mine is not None and theirs is not None:
                merged[name] = mine.replace(data={**theirs.data, **mine.data})
            elif mine is not None:
                merged[name] = mine
        made.value = with_field(made.value, "metadata", metadata.replace(data=merged))
    if made.behavior == "merge":
        for name in ("data", "binaryData"):
            mine, theirs = made.value.get(name), old.value.get(name)
            if theirs is None or not isinstance(theirs.data, dict):
                continue
            if mine is not None and isinstance(mine.data, dict):
                theirs = theirs.replace(data={**theirs.data, **mine.data})
            made.value = with_field(made.value, name, theirs)
    made.ids = [*old.ids]
    made.prefixes, made.suffixes = [*old.prefixes], [*old.suffixes]
    made.variables = old.variables
    made.via = old.via
