"""Helm charts as their templates give them for a set of values. Nothing is executed.

A chart is rendered with its own values.yaml (what `helm template` does without -f), or
with the values of each release that names it. Sub-charts in `charts/`, packaged ones too, and
in folders of the repository are rendered with it; those of a registry are named in a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.archives import is_archive
from mlsec_lint.kubernetes.chart_files import ChartFiles, with_member
from mlsec_lint.kubernetes.goengine import Engine
from mlsec_lint.kubernetes.goscalars import (
    UnansweredError,
    literal,
    truth,
    typed,
    wrapped,
)
from mlsec_lint.kubernetes.gotemplate import Node, Template, TemplateError, parse
from mlsec_lint.kubernetes.govalues import merged
from mlsec_lint.kubernetes.gowriter import BoundError
from mlsec_lint.kubernetes.objects import (
    UNKNOWN_KIND,
    Item,
    has_unknown_kind,
    header,
    is_object,
    unrolled,
    words,
)
from mlsec_lint.kubernetes.provenance import Provenance
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.discovery import Tree
    from mlsec_lint.parse.document import Document

#: Files of one chart, and charts inside each other.
MAX_FILES = 2_000
MAX_DEPTH = 8
#: Steps and characters of all charts of a scan together.
MAX_STEPS = 5_000_000
MAX_OUTPUT = 100_000_000
#: The version `helm template` assumes (Helm 3.17, 2025-01).
_KUBERNETES = {
    "Version": "v1.32.0",
    "GitVersion": "v1.32.0",
    "Major": "1",
    "Minor": "32",
}
#: What Helm renders and does not apply; every other name is a template, whatever it
#: ends in.
_NOTES = "NOTES.txt"
_NOT_READ = "module-not-read"
_EMPTY = Value({})
#: What stands for any text in a pattern of `.Files.Glob`.
_GLOB = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Release:
    """A use of a chart: `chart` is its folder, `values` later ones win.

    `span` and `words` say who states it (a `helm_release` of Terraform); `label` tells
    releases of one name apart. `destination` is the name or the server of the cluster
    as Argo CD knows it, "" where nothing says.
    """

    chart: str
    name: str = "release-name"
    namespace: str = "default"
    values: tuple[Value, ...] = ()
    span: Span | None = None
    words: str = ""
    label: str = ""
    destination: str = ""


@dataclass(slots=True)
class _Chart:
    folder: str
    about: Value
    values: Value
    files: dict[str, Source]
    parts: list[tuple[str, _Chart, Value]] = field(default_factory=list)


class Charts:
    """Renders the charts of a tree.

    `used` collects the files that belong to them, `rendered` the templates whose output
    was read.
    """

    def __init__(self, tree: Tree, read: Callable[[str], list[Document]]) -> None:
        self.tree = tree
        self.read = read
        self.files = ChartFiles(tree, read)
        self.notes: list[Note] = []
        self.used: set[str] = set()
        self.rendered: set[str] = set()
        self.steps = 0
        self.written = 0
        self._parsed: dict[str, Template | None] = {}
        self._said: set[tuple[str, str, int]] = set()

    def build(self, release: Release) -> list[Item]:
        """The objects of a chart for one release; [] where it is no chart."""
        chart = self._load(release.chart, 0)
        if chart is None:
            return []
        values = chart.values
        for given in release.values:
            if isinstance(given.data, dict):
                values = merged(typed(given), values)
        items: list[Item] = []
        templates: dict[str, tuple[Source, tuple[Node, ...]]] = {}
        self._define(chart, templates)
        self._render(chart, values, release, templates, items)
        for item in items:
            if release.span is not None:
                item.via = (Step(release.span, release.words),)
        return items

    # -- reading

    def _load(self, folder: str, depth: int) -> _Chart | None:
        """A chart and its sub-charts."""
        path = _below(folder, "Chart.yaml")
        about = self._document(path)
        if about is None or depth > MAX_DEPTH:
            return None
        self.used.add(self.files.realpath(path) or path)
        values = self._document(_below(folder, "values.yaml"))
        chart = _Chart(folder, about, typed(literal(values or Value({}))), {})
        for name in self.files.listing(folder):
            if name.startswith("values") and name.endswith((".yaml", ".yml")):
                self.used.add(self.files.realpath(_below(folder, name)) or name)
        for name in self._files(_below(folder, "templates"), 0):
            if len(chart.files) >= MAX_FILES:
                self._bound(chart, "a chart with more templates than are read")
                break
            source = self.files.source(name)
            if source is not None:
                chart.files[name] = source
                self.used.add(source.path)
        self._load_parts(chart, depth)
        return chart

    def _document(self, path: str) -> Value | None:
        """The mapping in a file, {} for an empty one, None where there is none."""
        if not self.files.exists(path):
            return None
        for document in self.files.documents(path):
            if isinstance(document.value.data, dict):
                return document.value
        return _EMPTY

    def _files(self, folder: str, depth: int) -> Iterator[str]:
        for name in self.files.listing(folder):
            path = _below(folder, name)
            if self.files.is_folder(path):
                if depth < MAX_DEPTH:
                    yield from self._files(path, depth + 1)
            else:
                yield path

    def _load_parts(self, chart: _Chart, depth: int) -> None:
        """Sub-charts, by the dependencies that name them and by lying in `charts/`."""
        vendored, unread = self._vendored(chart)
        listed = chart.about.get("dependencies")
        if listed is None:
            required = self._document(_below(chart.folder, "requirements.yaml"))
            listed = required.get("dependencies") if required is not None else None
        for entry in listed.elements() if listed is not None else ():
            name = words(entry.get("name"))
            folder = vendored.pop(name, "") or self._local(chart, entry)
            self._take_in(folder, entry.get("name"), chart)
            part = self._load(folder, depth + 1) if folder else None
            if part is None:
                where = words(entry.get("repository")) or "charts/"
                text = f"the chart {name} of {where[:200]} is not read"
                why = next((unread.pop(n) for n in unread if _is_of(n, name)), "")
                text += f": {why}" if why else ""
                about = chart.about.span
                # one that lies here counts as any file here that cannot be read
                self._note(_NOT_READ, text, about, entry.span, incomplete=bool(why))
            else:
                alias = words(entry.get("alias")) or name
                chart.parts.append((alias, part, entry))
        for name, folder in vendored.items():
            self._take_in(folder, chart.about.get("name"), chart)
            part = self._load(folder, depth + 1)
            if part is not None:
                chart.parts.append((name, part, _EMPTY))
        for name, why in unread.items():
            text = f"the packaged chart {name[:200]} is not read: {why}"
            about = chart.about.span
            self._note(_NOT_READ, text, about, about, incomplete=True)

    def _vendored(self, chart: _Chart) -> tuple[dict[str, str], dict[str, str]]:
        """Charts in `charts/` by their names; archives there that are not read, and why."""
        inside = _below(chart.folder, "charts")
        found: dict[str, str] = {}
        unread: dict[str, str] = {}
        for name in self.files.listing(inside):
            folder = _below(inside, name)
            why = self.files.open(folder) if is_archive(name) else ""
            if why:
                unread[name] = why
                continue
            about = self._document(_below(folder, "Chart.yaml"))
            if about is not None:
                found[words(about.get("name")) or name] = folder
        return found, unread

    def _take_in(self, folder: str, said: Value | None, chart: _Chart) -> None:
        """Point for a packaged chart at what takes it in."""
        if folder and self.files.is_packed(folder):
            span = said.entry() if said is not None else None
            span = span or chart.about.span
            if span is not None:
                self.files.put(folder, span)

    def _local(self, chart: _Chart, entry: Value) -> str:
        repository = words(entry.get("repository"))
        if not repository.startswith("file://"):
            return ""
        if self.files.is_packed(chart.folder):
            return ""
        path = repository.removeprefix("file://")
        return self.tree.realpath(_below(chart.folder, path)) or ""

    # -- rendering

    def _template(self, source: Source) -> Template | None:
        if source.path not in self._parsed:
            try:
                self._parsed[source.path] = parse(source.text)
            except TemplateError as error:
                self._parsed[source.path] = None
                span = Span(source, error.offset, error.offset + 2)
                self._note("template-not-read", error.words, span, span)
        return self._parsed[source.path]

    def _define(
        self, chart: _Chart, into: dict[str, tuple[Source, tuple[Node, ...]]]
    ) -> None:
        """Named templates; those of the outer chart win."""
        for _, part, _ in chart.parts:
            self._define(part, into)
        for source in chart.files.values():
            template = self._template(source)
            if template is not None:
                for name, nodes in template.defines.items():
                    into[name] = (source, nodes)

    def _render(
        self,
        chart: _Chart,
        values: Value,
        release: Release,
        templates: dict[str, tuple[Source, tuple[Node, ...]]],
        items: list[Item],
    ) -> None:
        for alias, part, entry in chart.parts:
            if _enabled(entry, values):
                inner = _inner_values(alias, part.values, values)
                self._render(part, inner, release, templates, items)
        dot = _dot(chart, values, release)
        for name, source in chart.files.items():
            base = name.rpartition("/")[2]
            if base.startswith("_") or base == _NOTES:
                continue
            template = self._template(source)
            found = None
            if template is not None:
                engine = Engine(
                    templates,
                    dot,
                    lambda path: self._file(chart, path),
                    lambda pattern: self._matching(chart, pattern),
                )
                found = self._output(engine, source, template)
            made = self._fallback(name) if found is None else found
            for item in made if source.place is not None else ():
                item.value = with_member(item.value)
            items.extend(made)

    def _output(
        self, engine: Engine, source: Source, template: Template
    ) -> list[Item] | None:
        """The objects of one file; None where what it gives is no YAML."""
        if self.steps > MAX_STEPS or self.written > MAX_OUTPUT:
            span = Span(source, 0, 0)
            text = "the charts of this scan take more than is followed"
            self._note("bound", text, span, span, incomplete=True)
            return None
        try:
            writer = engine.render(source, template)
            self.written += writer.length
        except (BoundError, UnansweredError) as error:
            span = Span(source, 0, 0)
            self._note("bound", str(error), span, span, incomplete=True)
            return None
        finally:
            self.steps += engine.steps
        text = writer.text()
        if not text.strip():
            self.rendered.add(source.path)
            return []
        places = Provenance(source, writer.pieces)
        documents, notes = yaml_documents(Source("", text))
        if any(note.kind in ("syntax-error", "template-not-read") for note in notes):
            for note in map(places.note, notes):
                self._note("template-not-read", note.text, note.span, note.span)
            if not documents:
                return None
        else:
            self.rendered.add(source.path)
        items: list[Item] = []
        for document in documents:
            value = places.value(document.value)
            if not document.skipped and is_object(value):
                at = places.home(document.value)
                items += [Item(one, source.path, at) for one in unrolled(value)]
            elif has_unknown_kind(value):
                span = header(value)
                self._note("template-not-read", UNKNOWN_KIND, span, span)
        return items

    def _fallback(self, path: str) -> list[Item]:
        """The objects of a template with its actions masked, nothing rendered."""
        return [
            Item(value, path)
            for document in self.files.documents(path)
            if not document.skipped and is_object(document.value)
            for value in unrolled(document.value)
        ]

    def _file(self, chart: _Chart, path: str) -> str | None:
        """A file of the chart, never one outside of it."""
        folder = self.files.realpath(chart.folder)
        real = self.files.realpath(_below(chart.folder, path))
        if real is None or folder is None:
            return None
        if folder and not real.startswith(f"{folder}/"):
            return None
        if not self.files.exists(real):
            return ""
        source = self.files.source(real)
        return None if source is None else source.text

    def _matching(self, chart: _Chart, pattern: str) -> list[str]:
        """Names of the chart's files, templates left out, that a glob pattern takes."""
        import re2

        parts = re.split(r"(\*\*|\*|\?)", pattern)
        found = "".join(_GLOB.get(part) or re2.escape(part) for part in parts)
        matches = re2.compile(found).fullmatch
        start = len(chart.folder) + 1 if chart.folder else 0
        names: list[str] = []
        for name in self.files.listing(chart.folder):
            path = _below(chart.folder, name)
            if name == "templates":
                continue
            several = self._files(path, 0) if self.files.is_folder(path) else (path,)
            names += [one[start:] for one in several if matches(one[start:])]
        return names[:MAX_FILES]

    # -- notes

    def _bound(self, chart: _Chart, text: str) -> None:
        self._note("bound", text, chart.about.span, chart.about.span, incomplete=True)

    def _note(
        self,
        kind: str,
        text: str,
        where: Span | None,
        span: Span | None,
        *,
        incomplete: bool = False,
    ) -> None:
        path = where.path if where is not None else ""
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


def _is_of(archive: str, name: str) -> bool:
    """Whether the file name of a packaged chart is that of a chart: `NAME-VERSION.tgz`."""
    rest = archive.removeprefix(f"{name}-")
    return name != "" and rest != archive and rest[:1].isdigit()


def chart_folders(paths: list[str]) -> list[str]:
    """Folders of charts among file names, without those inside another's `charts/`."""
    folders = [
        path.rpartition("/")[0]
        for path in paths
        if path.rpartition("/")[2] == "Chart.yaml"
    ]
    known = set(folders)
    return [one for one in folders if not _is_part(one, known)]


def _is_part(folder: str, charts: set[str]) -> bool:
    parts = folder.split("/")
    for index in range(len(parts) - 1, 0, -1):
        if parts[index - 1] == "charts" and "/".join(parts[: index - 1]) in charts:
            return True
    return False


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _enabled(entry: Value, values: Value) -> bool:
    """A sub-chart's `condition`: the first path that is there decides; unknown is yes."""
    for path in words(entry.get("condition")).split(","):
        found = values.at(*path.strip().split(".")) if path.strip() else None
        if found is not None:
            return truth(found) is not False
    tags = entry.get("tags")
    stated = [
        found
        for tag in (tags.elements() if tags is not None else ())
        if (found := values.at("tags", words(tag))) is not None
    ]
    return not stated or any(truth(one) is not False for one in stated)


def _inner_values(alias: str, own: Value, outer: Value) -> Value:
    """The values of a sub-chart: its own, what the outer chart sets, the global ones."""
    given = outer.get(alias)
    inner = own
    if given is not None and isinstance(given.data, dict):
        inner = merged(given, own)
    shared = outer.get("global")
    if shared is not None and isinstance(shared.data, dict):
        inner = merged(Value({"global": shared}), inner)
    return inner


def _dot(chart: _Chart, values: Value, release: Release) -> Value:
    about = {
        name[:1].upper() + name[1:]: child for name, child in typed(chart.about).items()
    }
    return Value(
        {
            "Values": values,
            "Chart": Value(about),
            "Release": wrapped(
                {
                    "Name": release.name,
                    "Namespace": release.namespace,
                    "Service": "Helm",
                    "IsInstall": True,
                    "IsUpgrade": False,
                    "Revision": 1,
                }
            ),
            "Capabilities": wrapped(
                {"KubeVersion": _KUBERNETES, "HelmVersion": {"Version": "v3.17.0"}}
            ),
            "Template": wrapped(
                {
                    "Name": _below(words(chart.about.get("name")), "templates"),
                    "BasePath": _below(words(chart.about.get("name")), "templates"),
                }
            ),
        }
    )
