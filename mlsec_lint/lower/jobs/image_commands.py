"""Commands that build, name, copy and push images, of the tools that do.

docker, buildx, podman, buildah, nerdctl, img, depot, kaniko, skopeo, crane, regctl,
`gcloud builds submit`, `az acr build`: their command references, read 2026-11.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.image_references import Reference, reference
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.source import Span

#: Words of which one stands in every text that builds or pushes an image.
TOOLS = regex(
    r"\b(?:docker|podman|buildah|nerdctl|img|depot|kaniko|executor|skopeo|crane|regctl"
    r"|gcloud[ \t]+(?:beta[ \t]+)?builds|az[ \t]+acr)\b"
)
_DOCKERS = frozenset({"docker", "podman", "buildah", "nerdctl", "img", "depot"})
_BUILDS = frozenset({"build", "bud", "build-using-dockerfile"})
_COPIERS = {"skopeo": ("copy",), "crane": ("copy", "cp"), "regctl": ("copy",)}
#: Options of builds that are no switches: the word after one is its value.
_VALUED = frozenset(
    [
        "--add-host",
        "--allow",
        "--annotation",
        "--arch",
        "--attest",
        "--authfile",
        "--build-arg",
        "--build-context",
        "--builder",
        "--cache-from",
        "--cache-to",
        "--cpuset-cpus",
        "--creds",
        "--device",
        "--env",
        "--format",
        "--gpus",
        "--iidfile",
        "--ignorefile",
        "--isolation",
        "--label",
        "--layers-cache",
        "--logfile",
        "--memory",
        "--metadata-file",
        "--network",
        "--no-cache-filter",
        "--os",
        "--platform",
        "--progress",
        "--project",
        "--secret",
        "--shm-size",
        "--ssh",
        "--target",
        "--token",
        "--ulimit",
        "--variant",
        "--volume",
        "-c",
        "-m",
        "-v",
        "--region",
        "--config",
        "--substitutions",
        "--timeout",
        "--machine-type",
        "--disk-size",
        "--gcs-log-dir",
        "--gcs-source-staging-dir",
        "--worker-pool",
        "--service-account",
        "--ignore-file",
        "--resource-group",
        "-g",
        "--registry",
        "-r",
        "--verbosity",
        "--cache-dir",
        "--cache-repo",
        "--snapshot-mode",
        "--context-sub-path",
        "--skip-tls-verify",
        "--registry-mirror",
        "--git",
        "--digest-file",
        "--image-name-with-digest-file",
        "--logs",
    ]
)
#: What stands for the folder that a build starts in: `$(pwd)`, the CI's checkout.
_HERE = regex(
    r"^(?:dir://)?(?:\$\{(?:PWD|CI_PROJECT_DIR|GITHUB_WORKSPACE|github\.workspace|CURDIR"
    r"|CODEBUILD_SRC_DIR|Build\.SourcesDirectory|BUILD_SOURCESDIRECTORY)\}|/workspace)(?:/|$)"
)
#: A folder of a variable, such as the script's own, with a known path behind it.
_SOMEWHERE = regex(r"^\$\{[^{}]{0,200}\}/(?=[^$]*$)")
_MAX_RECORDS = 20_000


class Build(NamedTuple):
    """An image that is built: by which names, from which of some Dockerfiles."""

    names: tuple[Reference, ...]
    dockerfiles: tuple[str, ...]
    pushed: bool
    span: Span


class Move(NamedTuple):
    """An image of one name gets, or goes to, another (`docker tag`, `skopeo copy`)."""

    source: Reference
    target: Reference
    pushed: bool
    span: Span


class Book:
    """All that was found: builds, pushes by name, moves. Names of one file stay in it."""

    def __init__(self) -> None:
        self.builds: list[Build] = []
        self.pushes: dict[tuple[str, str], Span] = {}
        self.moves: list[Move] = []

    def build(
        self,
        names: Iterable[str],
        dockerfiles: Sequence[str],
        span: Span,
        *,
        pushed: bool,
    ) -> None:
        """Keep a build; one without a name or a Dockerfile leads nowhere."""
        found = tuple(r for n in names if (r := reference(n)) is not None)
        if found and dockerfiles and len(self.builds) < _MAX_RECORDS:
            self.builds.append(Build(found, tuple(dockerfiles), pushed, span))

    def push(self, name: str, span: Span) -> None:
        """Keep that an image of that name is pushed."""
        found = reference(name)
        if found is not None and len(self.pushes) < _MAX_RECORDS:
            self.pushes.setdefault(self.key(found, span), span)

    def move(self, source: str, target: str, span: Span, *, pushed: bool) -> None:
        """Keep that an image gets one more name."""
        one, other = reference(source), reference(target)
        if one is not None and other is not None and len(self.moves) < _MAX_RECORDS:
            self.moves.append(Move(one, other, pushed, span))

    @staticmethod
    def key(found: Reference, span: Span) -> tuple[str, str]:
        """What tells images apart: the name, and the file of one that has no registry."""
        return (span.path if found.local else "", found.name)


def read_command(
    book: Book, words: Sequence[str], folders: Sequence[str], span: Span
) -> None:
    """Keep what a command does with images, started in one of these folders."""
    words = _bare_command(words)
    if len(words) < 2:
        return
    name = words[0].rpartition("/")[2]
    if name in _DOCKERS:
        _docker(book, name, words[1:], folders, span)
    elif name == "executor" or "kaniko" in name:
        _kaniko(book, words[1:], folders, span)
    elif name in _COPIERS:
        verbs = _COPIERS[name]
        at = next((n for n, w in enumerate(words[:6]) if w in (*verbs, "push")), 0)
        _copy(book, _arguments(words[at + 1 :]), span, local=False)
    elif name == "gcloud":
        _gcloud(book, words[1:], folders, span)
    elif name == "az" and words[1] == "acr":
        _acr(book, words[2:], folders, span)


def _bare_command(words: Sequence[str]) -> Sequence[str]:
    """A command without `sudo`, `time`, `env A=b` in front of it."""
    at = 0
    while at < len(words) and (
        words[at] in {"sudo", "time", "env", "exec", "nohup", "command", "-"}
        or (at and (words[at].startswith("-") or "=" in words[at]))
    ):
        at += 1
    return words[at:]


def _docker(
    book: Book, tool: str, words: Sequence[str], folders: Sequence[str], span: Span
) -> None:
    verbs = [w for w in words[:4] if not w.startswith("-")]
    if verbs[:1] in (["image"], ["buildx"], ["builder"]):
        verbs = verbs[1:]
    verb = verbs[0] if verbs else ""
    rest = words[words.index(verb) + 1 :] if verb else ()
    if verb in _BUILDS:
        _build(book, rest, folders, span)
    elif verb == "push":
        named = _arguments(rest)
        if tool in {"podman", "buildah"} and len(named) > 1:
            book.move(named[0], named[1], span, pushed=True)
        elif named:
            book.push(named[0], span)
    elif verb == "tag":
        _copy(book, _arguments(rest), span, local=True)
    elif verb == "imagetools" or (verb == "manifest" and "push" in rest):
        options, named = _options(rest)
        for target in (*options.get("-t", ()), *options.get("--tag", ())):
            for source in named[1:]:
                book.move(source, target, span, pushed=True)


def _copy(book: Book, named: Sequence[str], span: Span, *, local: bool) -> None:
    if len(named) > 1:
        for target in named[1:] if local else named[1:2]:
            book.move(named[0], target, span, pushed=not local)


def _build(
    book: Book, words: Sequence[str], folders: Sequence[str], span: Span
) -> None:
    options, named = _options(words)
    names = [*options.get("-t", ()), *options.get("--tag", ())]
    files = [*options.get("-f", ()), *options.get("--file", ())]
    pushed = "--push" in options
    for output in (*options.get("-o", ()), *options.get("--output", ())):
        said, tagged = output_pushes(output)
        pushed = pushed or said
        names += tagged
    context = named[-1] if named else ""
    paths = dockerfiles_of(folders, files[0] if files else "", context)
    book.build(names, paths, span, pushed=pushed)


def output_pushes(output: str) -> tuple[bool, list[str]]:
    """Whether an `--output` of BuildKit pushes, and under which names."""
    fields = dict(part.partition("=")[::2] for part in output.split(",")[:50])
    pushes = fields.get("type") == "registry" or fields.get("push") == "true"
    return pushes, [fields["name"]] if "name" in fields else []


def _kaniko(
    book: Book, words: Sequence[str], folders: Sequence[str], span: Span
) -> None:
    options, _ = _options(words, valued=frozenset({"--destination", "--context", "-d"}))
    names = [*options.get("--destination", ()), *options.get("-d", ())]
    context = next(iter(options.get("--context", options.get("-c", ()))), "")
    sub = next(iter(options.get("--context-sub-path", ())), "")
    file = next(iter(options.get("--dockerfile", options.get("-f", ()))), "")
    context = posixpath.join(context, sub) if sub else context
    paths = dockerfiles_of(folders, file, context)
    if file and context:
        paths += dockerfiles_of(folders, posixpath.join(context, file), "")
    silent = options.get("--no-push", ["false"])[0]
    book.build(names, paths, span, pushed=silent == "false")


def _gcloud(
    book: Book, words: Sequence[str], folders: Sequence[str], span: Span
) -> None:
    if "builds" not in words[:3] or "submit" not in words[:4]:
        return
    options, named = _options(words[words.index("submit") + 1 :])
    names = [*options.get("--tag", ()), *options.get("-t", ())]
    context = named[0] if named else "."
    book.build(names, dockerfiles_of(folders, "", context), span, pushed=True)


def _acr(book: Book, words: Sequence[str], folders: Sequence[str], span: Span) -> None:
    if not words or words[0] not in {"build", "import"}:
        return
    options, named = _options(words[1:], valued=frozenset({"--source", "-n", "--name"}))
    registry = next(
        iter(options.get("--registry", ()) or options.get("-r", ()) or options.get("-n", ())),
        "",
    )  # fmt: skip
    tags = [*options.get("--image", ()), *options.get("-t", ())]
    names = [f"{registry}.azurecr.io/{tag}" for tag in tags if registry]
    if words[0] == "import":
        for source in options.get("--source", ()):
            for name in names:
                book.move(source, name, span, pushed=True)
        return
    file = next(iter(options.get("--file", ()) or options.get("-f", ())), "")
    context = named[0] if named else "."
    # az reads the Dockerfile from the context, or by its path from here.
    paths = dockerfiles_of(folders, file, context)
    if file:
        paths += dockerfiles_of(folders, posixpath.join(context, file), "")
    quiet = "--no-push" in options
    book.build(names, paths, span, pushed=not quiet)


def _options(
    words: Sequence[str], valued: frozenset[str] = frozenset()
) -> tuple[dict[str, list[str]], list[str]]:
    """Options with their values, and the other words."""
    takes = _VALUED | valued | {"-t", "--tag", "-f", "--file", "-o", "--output"}
    takes |= {"--image", "--destination", "--dockerfile", "--context", "--source"}
    options: dict[str, list[str]] = {}
    named: list[str] = []
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            named.append(word)
        elif equals:
            options.setdefault(option, []).append(value)
        else:
            value = next(rest, "") if option in takes else "true"
            options.setdefault(option, []).append(value)
    return options, named


def _arguments(words: Sequence[str]) -> list[str]:
    return _options(words)[1]


def dockerfiles_of(folders: Sequence[str], file: str, context: str) -> list[str]:
    """The paths that a Dockerfile may have, from each folder a build may start in."""
    path = file or posixpath.join(context or ".", "Dockerfile")
    found: list[str] = []
    for folder in folders:
        joined = in_folder(folder, path)
        if joined is not None and joined not in found:
            found.append(joined)
    return found


def in_folder(folder: str, path: str) -> str | None:
    """A path in the repository, of one that is written; None where nobody can tell."""
    bare = _HERE.sub("", path.strip("\"'"))
    if bare != path.strip("\"'"):
        folder = ""
    bare = _SOMEWHERE.sub("", bare)
    if "$" in bare or bare.startswith(("/", "~")) or "://" in bare:
        return None
    joined = posixpath.normpath(posixpath.join(folder, bare))
    return None if joined.startswith("..") else joined
