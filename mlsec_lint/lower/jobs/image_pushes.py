"""Registries into which images with weights are pushed, as CI files and scripts say.

`docker build -t REF CONTEXT` and `docker push REF`, the same of podman, buildah and
nerdctl, and the action docker/build-push-action. Docker CLI reference and the action's
README, read 2026-11. What a variable names is not followed.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_TOOLS = frozenset({"docker", "podman", "buildah", "nerdctl"})
_BUILDS = frozenset({"build", "bud"})
_ACTION = "docker/build-push-action@"
_EXPRESSION = re.compile(r"\$\{\{[^{}\n]{0,200}\}\}")
_SPLIT = re.compile(r"&&|\|\||[;|]")
#: Hosts of registries: which part of a reference names the declared registry.
_ECR = re.compile(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_ARTIFACT = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev")
_AZURE = re.compile(r"([a-z0-9]+)\.azurecr\.io")
#: So many values of one document, and lines of one text, are looked at.
MAX_VALUES, MAX_LINES = 20_000, 20_000
#: So long a command is put together from lines.
MAX_COMMAND = 5_000


class _Build(NamedTuple):
    """An image that is built: by which names, from which Dockerfile."""

    names: tuple[str, ...]
    dockerfile: str
    pushed: bool
    span: Span


def lower_image_pushes(inputs: Inputs, estate: Estate) -> None:
    """Evidence for registries that images with weights are pushed to."""
    images = {image.address: image for image in estate.of("image") if image.evidence}
    if not images:
        return
    builds: list[_Build] = []
    pushes: set[str] = set()
    for words, folder, span in _commands(inputs):
        _command(words, folder, span, builds, pushes)
    builds.extend(_actions(inputs))
    for build in builds:
        image = images.get(build.dockerfile)
        for name in build.names if image is not None else ():
            if build.pushed or name in pushes:
                assert image is not None
                _put(estate, image, name, build.span)


def _put(estate: Estate, image: Thing, name: str, span: Span) -> None:
    found = [
        store
        for store in estate.named(_registry(name), "store")
        if (sort := store.fact("type")) is not None and sort.value == "registry"
    ]
    if len(found) == 1:
        words = f"{image.name}, which has weights in it, is pushed to it"
        found[0].holds_weights("referenced", words, span)


def _registry(name: str) -> str:
    """The name by which a registry is declared, of an image's name without its tag."""
    host, _, path = name.partition("/")
    if _ECR.fullmatch(host):
        return path
    if _ARTIFACT.fullmatch(host):
        parts = path.split("/")
        return parts[1] if len(parts) > 1 else ""
    azure = _AZURE.fullmatch(host)
    return azure[1] if azure is not None else ""


def _bare(reference: str) -> str:
    """A reference without its tag and digest; "" where a variable is in what is left."""
    name = reference.strip("\"'").partition("@")[0]
    head, slash, last = name.rpartition("/")
    bare = f"{head}{slash}{last.partition(':')[0]}"
    return "" if "$" in bare or "{" in bare else bare


# -- commands -------------------------------------------------------------------


def _commands(inputs: Inputs) -> Iterator[tuple[list[str], str, Span]]:
    """The commands of scripts and CI files as words, with the folder they run in."""
    for source in inputs.texts:
        folder = posixpath.dirname(source.path)
        if "Dockerfile" in source.path:
            continue
        starts = source.line_starts()
        for number, line in enumerate(_lines(source.text)):
            span = Span(source, starts[number], starts[number] + len(line.rstrip()))
            for words in _split(line):
                yield words, folder, span
    for path, document in inputs.documents:
        if path.startswith(".github/") or "gitlab-ci" in path:
            for text, span in _texts(document.value):
                for line in _lines(text):
                    for words in _split(line):
                        yield words, "", span


def _lines(text: str) -> list[str]:
    """Lines; one that ends in a backslash goes on, and the next ones are then empty."""
    found: list[str] = []
    open_at: int | None = None
    for line in text.split("\n")[:MAX_LINES]:
        bare = line.rstrip().removesuffix("\\")
        if open_at is None:
            found.append(bare)
        else:
            if len(found[open_at]) < MAX_COMMAND:
                found[open_at] += " " + bare
            found.append("")
        goes_on = line.rstrip().endswith("\\")
        if goes_on and open_at is None:
            open_at = len(found) - 1
        elif not goes_on:
            open_at = None
    return found


def _split(line: str) -> Iterator[list[str]]:
    if not any(tool in line for tool in _TOOLS):
        return
    # A tag may be an expression with blanks in it: ${{ github.sha }}.
    line = _EXPRESSION.sub("$EXPRESSION", line)
    for part in _SPLIT.split(line):
        words = part.split()
        if words and words[0] in {"sudo", "-"}:
            words = words[1:]
        if len(words) > 2 and words[0] in _TOOLS:
            yield words


def _command(
    words: list[str], folder: str, span: Span, builds: list[_Build], pushes: set[str]
) -> None:
    if words[1] == "push":
        pushes.update(_bare(word) for word in words[2:] if not word.startswith("-"))
        return
    start = 2 if words[1] == "buildx" else 1
    if words[start] not in _BUILDS:
        return
    names: list[str] = []
    file, context, pushed = "", "", False
    rest = iter(words[start + 1 :])
    for word in rest:
        option, equals, value = word.partition("=")
        if option in {"-t", "--tag"}:
            names.append(_bare(value if equals else next(rest, "")))
        elif option in {"-f", "--file"}:
            file = value if equals else next(rest, "")
        elif option == "--push":
            pushed = True
        elif option in {"--build-arg", "--platform", "--target", "--label"}:
            if not equals:
                next(rest, "")
        elif not word.startswith("-"):
            context = word
    builds.append(
        _Build(
            tuple(filter(None, names)), _dockerfile(folder, file, context), pushed, span
        )
    )


def _dockerfile(folder: str, file: str, context: str) -> str:
    path = file or posixpath.join(context, "Dockerfile")
    found = posixpath.normpath(posixpath.join(folder, path.strip("\"'")))
    return found.removeprefix("./")


# -- the action -----------------------------------------------------------------


def _actions(inputs: Inputs) -> Iterator[_Build]:
    """Steps that use docker/build-push-action with `push: true`."""
    for path, document in inputs.documents:
        if not path.startswith(".github/"):
            continue
        for step in _mappings(document.value):
            uses = text_of(step.get("uses"))
            settings = given(step, "with")
            if not uses or not uses.startswith(_ACTION) or settings is None:
                continue
            if text_of(settings.get("push")) != "true" or settings.span is None:
                continue
            tags = _written(settings.get("tags")).replace(",", "\n").split("\n")
            context = text_of(settings.get("context")) or "."
            file = text_of(settings.get("file")) or ""
            names = tuple(filter(None, (_bare(tag.strip()) for tag in tags)))
            where = given(settings, "tags")
            span = (where.entry() if where is not None else None) or settings.span
            yield _Build(names, _dockerfile("", file, context), pushed=True, span=span)


def _written(value: Value | None) -> str:
    """A scalar as text, expressions in it without the blanks that they may have."""
    if value is None:
        return ""
    text = next((text for text, _ in _texts(value)), "")
    return _EXPRESSION.sub("$EXPRESSION", text)


def _texts(root: Value) -> Iterator[tuple[str, Span]]:
    """Scalars as text; those with expressions in them as they are written."""
    for value in _walk(root):
        if value.span is not None and isinstance(value.data, str):
            yield value.data, value.span
        elif value.span is not None and value.unknown is not None:
            yield value.span.text, value.span


def _mappings(root: Value) -> Iterator[Value]:
    return (value for value in _walk(root) if isinstance(value.data, dict))


def _walk(root: Value) -> Iterator[Value]:
    """A value and all within it, up to a bound."""
    waiting = [root]
    for number, value in enumerate(waiting):  # grows while it is walked
        if number >= MAX_VALUES:
            return
        yield value
        if isinstance(value.data, dict):
            waiting.extend(value.data.values())
        else:
            waiting.extend(value.elements())
