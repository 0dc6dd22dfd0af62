"""kustomizations: overlays accumulated as `kustomize build` does, nothing executed.

The order of the steps is that of kustomize's own target (api/internal/target, v5):
resources, generators, components, then the transformers; hashes, references and vars
once, at the root. What cannot be done is noted and the rest goes on. Not modelled:
plugins (`generators`, `transformers`, `validators` of a user), `openapi` schemas of
custom resources, remote bases, `helmCharts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes import transform
from mlsec_lint.kubernetes.fieldspecs import Fields, FieldSpec, built_in
from mlsec_lint.kubernetes.generate import Generator, absorb
from mlsec_lint.kubernetes.objects import Id, Item, is_object, unrolled, words
from mlsec_lint.kubernetes.patch import apply_patch, patch_of
from mlsec_lint.kubernetes.substitute import (
    bind_variables,
    fill_variables,
    replace,
)
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Note, Span
from mlsec_lint.value import Step, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsec_lint.discovery import Tree
    from mlsec_lint.parse.document import Document

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

#: Bounds of one root: folders entered, objects held, kustomizations inside each other.
MAX_FOLDERS = 2_000
MAX_OBJECTS = 20_000
MAX_DEPTH = 40
#: Objects of all roots together, and how often a transformer may look at an object.
MAX_TOTAL = 200_000
MAX_VISITS = 3_000_000
#: Entries of `images` in one kustomization.
MAX_IMAGES = 1_000

_REMOTE = ("http://", "https://", "git@", "ssh://", "git::", "file://", "oci://")
_HOSTS = ("github.com/", "gitlab.com/", "bitbucket.org/")
_PLUGINS = ("generators", "transformers", "validators", "helmCharts", "openapi")

Reader = "Callable[[str], list[Document]]"


_FIELDS = built_in()


@dataclass(slots=True)
class Accumulated:
    """What a kustomization hands to the one that includes it.

    `known` holds the present names of all items while items are only added, else None.
    """

    items: list[Item] = field(default_factory=list)
    fields: Fields = field(default_factory=_FIELDS.copy)
    variables: list[Value] = field(default_factory=list)
    known: set[Id] | None = None


class Kustomizer:
    """Renders the kustomizations of a tree.

    `used` collects every file it read, `entered` every folder whose kustomization was
    accumulated.
    """

    def __init__(self, tree: Tree, read: Callable[[str], list[Document]]) -> None:
        self.tree = tree
        self.read = read
        self.notes: list[Note] = []
        self.used: set[str] = set()
        self.entered: set[str] = set()
        self._known: dict[str, tuple[str, Value] | None] = {}
        self._said: set[tuple[str, str, int]] = set()
        self._folders = 0
        self._objects = 0
        self._total = 0
        self._visits = 0

    def kustomization(self, folder: str) -> tuple[str, Value] | None:
        """Path and content of the kustomization in a folder, or None."""
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def _find(self, folder: str) -> tuple[str, Value] | None:
        for name in NAMES:
            path = f"{folder}/{name}" if folder else name
            if not self.tree.exists(path):
                continue
            for document in self.read(path):
                if is_kustomization(document.value):
                    self.used.add(self.tree.realpath(path) or path)
                    return path, document.value
        return None

    def included(self, folder: str) -> list[str]:
        """Folders that the kustomization in a folder includes."""
        found = self.kustomization(folder)
        if found is None:
            return []
        listed = (
            one
            for name in ("resources", "bases", "components")
            for one in _listed(found[1], name)
        )
        paths = (self.resolve(folder, words(one)) for one in listed)
        return [
            path for path in paths if path is not None and self.tree.is_folder(path)
        ]

    def resolve(self, folder: str, name: str) -> str | None:
        """A path named in a kustomization, relative to the root; None outside of it."""
        if not name or name.startswith("/"):
            return None
        return self.tree.realpath(f"{folder}/{name}" if folder else name)

    def build(self, folder: str) -> list[Item]:
        """The objects of a root, with final names."""
        self._folders = 0
        self._objects = 0
        result = Accumulated()
        self._accumulate(folder, result, ())
        transform.add_hashes(result.items)
        transform.fix_references(result.items, result.fields)
        problems = fill_variables(
            result.items, result.variables, result.fields.variables
        )
        found = self.kustomization(folder)
        for problem in problems:
            if found is not None:
                self._note("kustomize-error", problem, found[0], found[1].span)
        local = "config.kubernetes.io/local-config"
        return [
            item
            for item in result.items
            if words(item.value.at("metadata", "annotations", local)) != "true"
        ]

    def _accumulate(
        self, folder: str, into: Accumulated, chain: tuple[str, ...]
    ) -> None:
        found = self.kustomization(folder)
        if found is None:
            return
        path, content = found
        self.entered.add(folder)
        self._folders += 1
        for name in ("resources", "bases"):
            for entry in _listed(content, name):
                self._resource(folder, path, entry, into, (*chain, folder))
        for entry in _listed(content, "configurations"):
            for value in self._values(folder, path, entry):
                into.fields.add(value)
        self._generate(folder, path, content, into)
        into.known = None
        for entry in _listed(content, "components"):
            self._component(folder, path, entry, into, (*chain, folder))
        self._transform(folder, path, content, into)
        into.known = None
        stated = _listed(content, "vars")
        if stated and self._spend(len(stated) * len(into.items), path, content):
            bind_variables(into.items, stated)
        into.variables.extend(_listed(content, "vars"))
        for name in _PLUGINS:
            plugins = content.get(name)
            if plugins is not None and plugins.data not in (None, (), {}):
                words_ = f"{name} of a kustomization are not carried out"
                self._note("kustomize-unsupported", words_, path, plugins.entry())

    def _resource(
        self,
        folder: str,
        path: str,
        entry: Value,
        into: Accumulated,
        chain: tuple[str, ...],
    ) -> None:
        """Add the objects of a file, or of another kustomization."""
        name = words(entry)
        real = self.resolve(folder, name)
        if real is not None and self.tree.is_folder(real):
            if not self._may_enter(real, path, entry, chain):
                return
            inner = Accumulated()
            self._accumulate(real, inner, chain)
            self._append(into, inner.items, path, entry)
            self._join(into, inner)
        elif real is not None and self.tree.exists(real):
            self.used.add(real)
            for document in self.read(real):
                if document.skipped or not is_object(document.value):
                    continue
                items = [Item(value, real) for value in unrolled(document.value)]
                self._append(into, items, path, entry)
        else:
            self._missing(name, path, entry)

    def _component(
        self,
        folder: str,
        path: str,
        entry: Value,
        into: Accumulated,
        chain: tuple[str, ...],
    ) -> None:
        """A component works on what is there already."""
        real = self.resolve(folder, words(entry))
        if real is None or not self.tree.is_folder(real):
            self._missing(words(entry), path, entry)
        elif self._may_enter(real, path, entry, chain):
            before = {id(item) for item in into.items}
            self._accumulate(real, into, chain)
            for item in into.items:
                if id(item) not in before:
                    item.via = (*item.via, *_step(entry, path))

    def _may_enter(
        self, real: str, path: str, entry: Value, chain: tuple[str, ...]
    ) -> bool:
        if real in chain:
            self._error(f"{words(entry)} includes itself", path, entry)
            return False
        if self.kustomization(real) is None:
            self._error(f"there is no kustomization in {words(entry)}", path, entry)
            return False
        if len(chain) >= MAX_DEPTH or self._folders >= MAX_FOLDERS:
            words_ = "kustomizations include more than is followed"
            self._note("bound", words_, path, entry.span, incomplete=True)
            return False
        return True

    def _append(
        self, into: Accumulated, items: Iterable[Item], path: str, entry: Value
    ) -> None:
        if into.known is None:
            into.known = {item.id() for item in into.items}
        known = into.known
        for item in items:
            now = item.id()
            if now in known and now.name:
                self._error(f"{now.kind} {now.name} is there twice", path, entry)
                continue
            if self._objects >= MAX_OBJECTS or self._total >= MAX_TOTAL:
                words_ = "kustomizations of more objects than are followed"
                self._note("bound", words_, path, entry.span, incomplete=True)
                return
            self._objects += 1
            self._total += 1
            known.add(now)
            item.via = (*item.via, *_step(entry, path))
            into.items.append(item)

    def _join(self, into: Accumulated, inner: Accumulated) -> None:
        """Take over vars, and what configurations added to the built-in fields."""
        into.variables.extend(inner.variables)
        for name in Fields.__slots__:
            mine, theirs = getattr(into.fields, name), getattr(inner.fields, name)
            added = theirs[len(getattr(_FIELDS, name)) :]
            mine.extend(one for one in added if one not in mine)

    def _generate(
        self, folder: str, path: str, content: Value, into: Accumulated
    ) -> None:
        generator = Generator(self.tree, path, lambda name: self.resolve(folder, name))
        options = content.get("generatorOptions")
        for name, kind in (
            ("configMapGenerator", "ConfigMap"),
            ("secretGenerator", "Secret"),
        ):
            for entry in _listed(content, name):
                if not self._spend(len(into.items), path, entry):
                    break
                made = generator.generate(kind, entry, options)
                if made is None:
                    self._error(f"an entry of {name} has no name", path, entry)
                    continue
                problem = absorb(into.items, made)
                if problem:
                    self._error(problem, path, entry)
        self.notes.extend(generator.notes)

    def _transform(
        self, folder: str, path: str, content: Value, into: Accumulated
    ) -> None:
        """Kustomize's transformers in kustomize's order."""
        items, fields = into.items, into.fields

        def entries(name: str) -> Iterator[Value]:
            for entry in _listed(content, name):
                if self._spend(len(items), path, entry):
                    yield entry

        for entry in entries("patchesStrategicMerge"):
            self._patch(folder, path, entry, entry, items)
        for entry in entries("patches"):
            self._patch(folder, path, patch_of(entry), entry, items)
        namespace = content.get("namespace")
        if namespace is not None and words(namespace):
            transform.set_namespace(items, namespace, fields)
        prefix, suffix = content.get("namePrefix"), content.get("nameSuffix")
        transform.add_affixes(items, prefix, suffix, fields)
        for entry in entries("labels"):
            self._labels(entry, items, fields)
        for name, specs in (
            ("commonLabels", fields.labels),
            ("commonAnnotations", fields.annotations),
        ):
            pairs = content.get(name)
            if pairs is not None:
                transform.add_pairs(items, pairs, specs)
        for entry in entries("patchesJson6902"):
            self._patch(folder, path, patch_of(entry), entry, items)
        for entry in entries("replicas"):
            if not transform.set_replicas(items, entry, fields):
                text = f"no workload is called {words(entry.get('name'))}"
                self._error(text, path, entry)
        images = [*entries("images"), *entries("imageTags")]
        transform.set_images(items, images[:MAX_IMAGES], fields)
        for entry in entries("replacements"):
            self._replace(folder, path, entry, items)

    def _spend(self, visits: int, path: str, entry: Value) -> bool:
        """Whether a transformer may look at that many objects more."""
        self._visits += visits
        if self._visits <= MAX_VISITS:
            return True
        words_ = "kustomizations change more objects than is followed"
        self._note("bound", words_, path, entry.span, incomplete=True)
        return False

    def _labels(self, entry: Value, items: list[Item], fields: Fields) -> None:
        pairs = entry.get("pairs")
        if pairs is None:
            return
        own = Fields()
        own.labels.clear()
        own.add(Value({"commonLabels": Value(tuple(_listed(entry, "fields")))}))
        specs = own.labels
        if words(entry.get("includeSelectors")) == "true":
            specs = [*specs, *fields.labels]
        else:
            if words(entry.get("includeTemplates")) == "true":
                specs = [*specs, *fields.template_labels]
            specs = [*specs, FieldSpec(("metadata", "labels"), create=True)]
        transform.add_pairs(items, pairs, specs)

    def _patch(
        self,
        folder: str,
        path: str,
        patch: Value | None,
        entry: Value,
        items: list[Item],
    ) -> None:
        """Apply what a patch file or an inline patch holds."""
        if patch is None:
            self._error("a patch without `patch` and `path`", path, entry)
            return
        for value in self._values(folder, path, patch):
            if not self._spend(len(items), path, entry):
                return
            for problem in apply_patch(items, value, entry):
                self._error(problem, path, entry)

    def _replace(self, folder: str, path: str, entry: Value, items: list[Item]) -> None:
        named = entry.get("path")
        listed: list[Value] = [entry]
        if named is not None and words(named):
            listed = [
                one
                for value in self._values(folder, path, named)
                for one in (value.elements() or (value,))
            ]
        for one in listed:
            targets = one.get("targets")
            count = len(targets.elements()) if targets is not None else 0
            if not self._spend((count + 1) * len(items), path, entry):
                return
            problem = replace(items, one)
            if problem:
                self._error(problem, path, entry)

    def _values(self, folder: str, path: str, named: Value) -> list[Value]:
        """The documents of a file or of an inline text."""
        source = embedded(named)
        text = source.text if source is not None else ""
        real = self.resolve(folder, text.strip()) if "\n" not in text.strip() else None
        if real is not None and self.tree.exists(real):
            self.used.add(real)
            return [one.value for one in self.read(real) if one.value.data is not None]
        if source is None or not ("\n" in text or ":" in text):
            self._missing(text, path, named)
            return []
        found, notes = yaml_documents(source)
        self.notes.extend(notes)
        return [one.value for one in found if one.value.data is not None]

    def _missing(self, name: str, path: str, entry: Value) -> None:
        local = name.startswith(("./", "../"))
        remote = name.startswith((*_REMOTE, *_HOSTS)) or "?ref=" in name
        if remote and not local:
            text = f"{name[:200]} is not read: a remote base"
            self._note("remote-base", text, path, entry.span)
        else:
            self._error(f"{name[:200]} is not there", path, entry)

    def _error(self, text: str, path: str, entry: Value) -> None:
        self._note("kustomize-error", text, path, entry.span)

    def _note(
        self,
        kind: str,
        text: str,
        path: str,
        span: Span | None,
        *,
        incomplete: bool = False,
    ) -> None:
        """A note, once however many overlays include its place."""
        key = (text, path, span.start if span is not None else 0)
        if key not in self._said:
            self._said.add(key)
            note = Note(
                kind,
                text,
                path,
                span,
                incomplete=incomplete,
                strict_only=not incomplete,
            )
            self.notes.append(note)


def is_kustomization(value: Value) -> bool:
    """Whether a document in a file of that name is kustomize's, typed or not."""
    if not isinstance(value.data, dict):
        return False
    kind, version = words(value.get("kind")), words(value.get("apiVersion"))
    if kind in ("", "Kustomization", "Component"):
        return version == "" or version.startswith("kustomize.config.k8s.io/")
    return False


def _listed(content: Value, name: str) -> tuple[Value, ...]:
    found = content.get(name)
    return found.elements() if found is not None else ()


def _step(entry: Value, path: str) -> tuple[Step, ...]:
    return () if entry.span is None else (Step(entry.span, f"included by {path}"),)
