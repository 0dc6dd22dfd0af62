"""Files in which images are built and pushed: CI files, Compose, Skaffold, Cloud Build.

Every document whose text names a tool is walked, with the environment that stands
around each command. Fields of the tools' references, read 2026-11.
"""

from __future__ import annotations

import posixpath
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.image_commands import (
    TOOLS,
    Book,
    dockerfiles_of,
    in_folder,
    output_pushes,
    read_command,
)
from mlsec_lint.lower.jobs.image_texts import (
    commands,
    filled,
    is_makefile,
    make_recipes,
    raw,
)
from mlsec_lint.lower.jobs.run import script_source
from mlsec_lint.lower.scalars import given
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.lower.inputs import Inputs

#: Fields that hold variables for what stands beside and below them.
_VARIABLES = ("variables", "env", "environment", "substitutions", "envs")
_FOLDERS = ("working-directory", "working_directory", "workingDirectory", "dir")
_CLOUD_BUILDERS = ("cloud-builders/docker", "kaniko-project/executor", "/docker")
_MAX_VALUES = 20_000
_MAX_DEPTH = 40
_MAX_COMBINATIONS = 20
_MAX_SHELLS = 4
_SHORT = 1_000_000


class _Action(NamedTuple):
    """The inputs of an action: context, Dockerfile, names, and what says that it pushes.

    `push` is "" where the action always pushes.
    """

    context: str
    file: str
    names: str
    push: str
    registry: str = ""
    tags: str = ""


#: GitHub actions that build images. Their READMEs, read 2026-11.
_ACTIONS = {
    "docker/build-push-action": _Action("context", "file", "tags", "push"),
    "depot/build-push-action": _Action("context", "file", "tags", "push"),
    "useblacksmith/build-push-action": _Action("context", "file", "tags", "push"),
    "int128/kaniko-action": _Action("context", "file", "tags", "push"),
    "aevea/action-kaniko": _Action("path", "build_file", "image", "", "registry"),
    "redhat-actions/buildah-build": _Action(
        "context", "dockerfiles", "image", "never", "", "tags"
    ),
    "whoan/docker-build-with-cache-action": _Action(
        "context", "dockerfile", "image_name", "", "registry"
    ),
    "elgohr/publish-docker-github-action": _Action(
        "workdir", "dockerfile", "name", "", "registry"
    ),
}
_META = "docker/metadata-action"
_REDHAT_PUSH = "redhat-actions/push-to-registry"


class _Around(NamedTuple):
    """What holds where a value stands: variables, folders, images of metadata steps."""

    known: dict[str, str]
    folders: tuple[str, ...]
    depth: int


def read_files(inputs: Inputs, book: Book) -> None:
    """Keep what every text and document of the scan does with images."""
    for source in inputs.texts:
        if len(source.text) > _SHORT or TOOLS.search(source.text) is None:
            continue
        if "Dockerfile" in source.path or "Containerfile" in source.path:
            continue
        folder = posixpath.dirname(source.path)
        folders = tuple(dict.fromkeys((folder, "")))
        if is_makefile(source.path):
            for recipe, span in make_recipes(source):
                _script(book, recipe, {}, folders, span)
        else:
            _script(book, source, {}, folders)
    documents = [(path, document.value) for path, document in inputs.documents]
    seen = {id(value) for _, value in documents}
    documents.extend(
        (manifest.span.path, manifest.value)
        for manifest in inputs.manifests
        if id(manifest.value) not in seen
    )
    telling: dict[int, bool] = {}  # a file may hold very many documents
    for path, value in documents:
        host = value.span.source if value.span is not None else None
        if id(host) not in telling:
            telling[id(host)] = _tells(host.text if host is not None else "")
        if not (telling[id(host)] or "bake" in path):
            continue
        first = (
            ""
            if path.startswith((".github/", ".circleci/"))
            else posixpath.dirname(path)
        )
        folders = tuple(dict.fromkeys((first, "")))
        _Walk(book, path).value(value, _Around({}, folders, 0))


def _tells(text: str) -> bool:
    """Whether a file of documents speaks of building images, as far as it is looked at."""
    return len(text) <= _SHORT and (TOOLS.search(text) is not None or "build:" in text)


def _script(
    book: Book,
    source: Source,
    known: dict[str, str],
    folders: Sequence[str],
    span: Span | None = None,
    depth: int = 0,
) -> tuple[str, ...]:
    """Keep what a script does; the folders in which it ends."""
    real = tuple(folders)
    for words, where, moved in commands(source, known):
        inside = [in_folder_after(folder, moved) for folder in folders]
        real = tuple(f for f in dict.fromkeys(inside) if f is not None)
        inner = _inner(words)
        if inner and depth < _MAX_SHELLS:
            text = Source(source.path, inner)
            _script(book, text, dict(known), real, span or where, depth + 1)
        else:
            read_command(book, words, real, span or where)
    return real


def _inner(words: Sequence[str]) -> str:
    """The script of `bash -c SCRIPT`; "" for any other command."""
    at = 1 if words[:1] == ["sudo"] else 0
    if words[at : at + 1] and words[at].rpartition("/")[2] in {"bash", "sh"}:
        for flag, text in zip(words[at + 1 :], words[at + 2 :], strict=False):
            if flag.startswith("-") and flag.endswith("c"):
                return text
    return ""


def in_folder_after(folder: str, moved: Sequence[str]) -> str | None:
    """The folder after some `cd`; None where one of them leads nobody knows where."""
    here: str | None = folder
    for path in moved:
        here = in_folder(here, path) if here is not None else None
        here = "" if here == "." else here
    return here


class _Walk:
    """Goes through one document; bounded in values and depth."""

    def __init__(self, book: Book, path: str) -> None:
        self.book = book
        self.path = path
        self.left = _MAX_VALUES

    def value(self, value: Value, around: _Around) -> None:
        self.left -= 1
        if self.left < 0 or around.depth > _MAX_DEPTH:
            return
        deeper = around._replace(depth=around.depth + 1)
        if isinstance(value.data, dict):
            self.mapping(value, deeper)
        elif value.elements():
            self.listing(value, deeper)
        elif isinstance(value.data, str | Unknown):
            self.text(value, around)

    def mapping(self, value: Value, around: _Around) -> None:
        known = {**around.known, **_variables(value, around.known)}
        folder = next((raw(value.get(n)) for n in _FOLDERS if value.get(n)), "")
        folder = folder or raw(given(value, "defaults", "run", "working-directory"))
        folders = around.folders
        if folder:
            inner = [in_folder(f, filled(folder, known)) for f in folders]
            folders = tuple(f for f in dict.fromkeys(inner) if f is not None) or folders
        for combination in _matrix(value, known):
            here = around._replace(known={**known, **combination}, folders=folders)
            self.known_forms(value, here)
            for name, child in value.items():
                if name not in _VARIABLES and name != "matrix":
                    self.value(child, here)

    def listing(self, value: Value, around: _Around) -> None:
        """A list: commands of one shell, steps with metadata, or anything else."""
        for element in value.elements():
            if isinstance(element.data, dict):
                _metadata(element, around.known)
            if isinstance(element.data, str | Unknown):
                self.left -= 1
                around = around._replace(folders=self.text(element, around))
            else:
                self.value(element, around)

    def text(self, value: Value, around: _Around) -> tuple[str, ...]:
        """A text that may be a script; what it sets, and where it goes, stays."""
        text = raw(value)
        told = "=" in text or text.startswith("cd ") or TOOLS.search(text)
        source = script_source(value) if told and len(text) > 3 else None
        if source is None:
            return around.folders
        return _script(self.book, source, around.known, around.folders)

    # -- forms ----------------------------------------------------------------

    def known_forms(self, value: Value, around: _Around) -> None:
        if value.get("uses") is not None:
            self.action(value, around)
        elif value.get("args") is not None:
            self.arguments(value, around)
        build, image = given(value, "build"), given(value, "image")
        if build is not None and image is not None:
            self.compose(build, image, around)
        if value.get("services") is None and value.get("target") is not None:
            self.bake(value, around)
        images = given(value, "images")
        if images is not None and value.get("steps") is not None:
            for image in images.elements():  # Cloud Build pushes these
                if image.span is not None:
                    self.book.push(filled(raw(image), around.known), image.span)
        artifacts = given(value, "build", "artifacts")
        if artifacts is not None and raw(value.get("apiVersion")).startswith(
            "skaffold"
        ):
            self.skaffold(value, artifacts, around)

    def action(self, step: Value, around: _Around) -> None:
        name = raw(step.get("uses")).partition("@")[0].strip().lower()
        settings = given(step, "with")
        if settings is None or settings.span is None:
            return
        if name == _REDHAT_PUSH:
            self.redhat(settings, around)
            return
        row = _ACTIONS.get(name)
        if row is None:
            return

        def said(field: str) -> str:
            return filled(raw(settings.get(field)), around.known) if field else ""

        names = _listed(said(row.names))
        if row.registry and said(row.registry):
            names = [f"{said(row.registry)}/{n}" for n in names]
        pushed, more = output_pushes(said("outputs"))
        if row.push != "never":
            pushed = pushed or not row.push or said(row.push) not in ("", "false")
        context = said(row.context).removeprefix("{{defaultContext}}:") or "."
        if context.startswith("${{") or "://" in context:
            context = context.rpartition(":")[2] if "#" not in context else context
        files = dockerfiles_of(around.folders, said(row.file), context)
        where = settings.get(row.names) or settings
        span = where.entry() or settings.span
        self.book.build([*names, *more], files, span, pushed=pushed)

    def redhat(self, settings: Value, around: _Around) -> None:
        local, registry = (
            filled(raw(settings.get(n)), around.known) for n in ("image", "registry")
        )
        where = settings.get("registry") or settings
        span = where.entry() or settings.span
        if span is not None and local and registry:
            self.book.move(local, f"{registry}/{local}", span, pushed=True)

    def arguments(self, step: Value, around: _Around) -> None:
        """A step or container whose image is a tool, with its arguments as a list."""
        listed = given(step, "args")
        image = raw(step.get("name")) + " " + raw(step.get("image"))
        words = (
            [filled(raw(e), around.known) for e in listed.elements()] if listed else []
        )
        span = listed.entry() if listed is not None else None
        if not words or span is None or step.get("entrypoint") is not None:
            return
        if "kaniko" in image:
            read_command(self.book, ["executor", *words], around.folders, span)
        elif any(f"{b}:" in f"{image.strip()}:" for b in _CLOUD_BUILDERS):
            read_command(self.book, ["docker", *words], around.folders, span)

    def compose(self, build: Value, image: Value, around: _Around) -> None:
        """A service that is built and has a name: `docker compose push` sends it there."""
        is_text = not isinstance(build.data, dict)
        context = filled(raw(build if is_text else build.get("context")), around.known)
        file = "" if is_text else filled(raw(build.get("dockerfile")), around.known)
        name = filled(raw(image), around.known)
        names = [name, *(_tags(build, around.known) if not is_text else ())]
        path = posixpath.join(context or ".", file or "Dockerfile")
        span = image.entry()
        if span is not None:
            files = dockerfiles_of(around.folders, path, "")
            # The registry in the name is there to push to; Compose pulls by it too.
            pushed = "/" in name and set(name.partition("/")[0]) & set(".:$") != set()
            self.book.build(names, files, span, pushed=pushed)

    def bake(self, value: Value, around: _Around) -> None:
        """`docker buildx bake` files in JSON."""
        targets = given(value, "target")
        for _, target in targets.items() if targets is not None else ():
            tags = target.get("tags") if isinstance(target.data, dict) else None
            if tags is None or tags.span is None:
                continue
            context = filled(raw(target.get("context")), around.known) or "."
            file = filled(raw(target.get("dockerfile")), around.known) or "Dockerfile"
            path = posixpath.join(context, file)
            files = dockerfiles_of(around.folders, path, "")
            names = _tags(target, around.known)
            self.book.build(names, files, tags.entry() or tags.span, pushed=True)

    def skaffold(self, value: Value, artifacts: Value, around: _Around) -> None:
        local = raw(given(value, "build", "local", "push"))
        for artifact in artifacts.elements():
            image = artifact.get("image")
            if image is None or image.span is None:
                continue
            context = filled(raw(artifact.get("context")), around.known) or "."
            file = ""
            for builder in ("docker", "kaniko"):
                file = file or raw(given(artifact, builder, "dockerfile"))
            path = posixpath.join(context, file or "Dockerfile")
            files = dockerfiles_of(around.folders, path, "")
            name = filled(raw(image), around.known)
            span = image.entry() or image.span
            self.book.build([name], files, span, pushed=local != "false")


def _tags(build: Value, known: dict[str, str]) -> list[str]:
    tags = build.get("tags")
    return [filled(raw(e), known) for e in tags.elements()] if tags is not None else []


def _listed(text: str) -> list[str]:
    return [t.strip() for t in text.replace(",", "\n").split("\n") if t.strip()][:100]


def _metadata(step: Value, known: dict[str, str]) -> None:
    """The names that docker/metadata-action makes, for `steps.ID.outputs.tags`."""
    if not raw(step.get("uses")).lower().startswith(f"{_META}@"):
        return
    name = raw(step.get("id"))
    images = _listed(filled(raw(given(step, "with", "images")), known))
    if name and images:
        known[f"steps.{name}.outputs.tags"] = "\n".join(images)


def _variables(value: Value, known: dict[str, str]) -> dict[str, str]:
    """The variables that a mapping sets for what is in it, by all their names."""
    found: dict[str, str] = {}
    for field in _VARIABLES:
        block = value.get(field)
        if block is None:
            continue
        pairs = list(block.items())
        for element in block.elements():
            name = raw(element.get("name"))
            given_value = element.get("value")
            if name and given_value is not None:
                pairs.append((name, given_value))
        inner = block.get("variables")  # CodeBuild
        pairs += list(inner.items()) if inner is not None else []
        for name, entry in pairs[:1_000]:
            if isinstance(entry.data, dict):  # GitLab: a value with a description
                entry = entry.get("value") or entry
            text = filled(raw(entry), {**known, **found})
            if text:
                found[name] = text
                found[f"env.{name}"] = text
    return found


def _matrix(value: Value, known: dict[str, str]) -> Iterator[dict[str, str]]:
    """The combinations of a job's matrix, bounded; one empty for none."""
    github = given(value, "strategy", "matrix")
    gitlab = given(value, "parallel", "matrix")
    if gitlab is not None:
        yield from _all_of(gitlab.elements(), known, "")
    elif github is not None:
        include = github.get("include")
        rows = include.elements() if include is not None else ()
        yield from _all_of((github, *rows), known, "matrix.")
    else:
        yield {}


def _all_of(
    rows: Sequence[Value], known: dict[str, str], prefix: str
) -> Iterator[dict[str, str]]:
    count = 0
    for row in rows:
        axes: list[list[tuple[str, str]]] = []
        for name, entry in row.items():
            if name not in {"include", "exclude"}:
                cells = entry.elements() or (entry,)
                axes.append([p for c in cells for p in _cell(prefix + name, c, known)])
        for combination in product(*axes):
            if not combination and len(rows) > 1:
                continue
            if count >= _MAX_COMBINATIONS:
                return
            count += 1
            yield {name: text for name, text in combination if text}
    if not count:
        yield {}


def _cell(name: str, cell: Value, known: dict[str, str]) -> list[tuple[str, str]]:
    if isinstance(cell.data, dict):
        return []
    return [(name, filled(raw(cell), known))]
