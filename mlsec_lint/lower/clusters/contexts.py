"""For which cluster kubectl is set up where a script or a README applies manifests.

`gcloud container clusters get-credentials NAME`, `aws eks update-kubeconfig --name NAME`
and `az aks get-credentials --name NAME` choose a cluster for the commands after them;
`--context` and `--kube-context` for one command. Read are scripts, Makefiles, READMEs,
steps of GitHub workflows, and the contexts in files of Skaffold and Helmfile. A name
counts that a declared cluster has alone. Flags as of gcloud 548, aws-cli 2.31, az 2.79,
kubectl 1.34 and Helm 3.19, read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.objects import words as words_of
from mlsec_lint.lower.jobs.arguments import arguments
from mlsec_lint.lower.jobs.launch import text
from mlsec_lint.lower.jobs.run import script_source
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.discovery import Tree
    from mlsec_lint.lower.clusters.declared import Declared
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.arguments import Arguments
    from mlsec_lint.lower.jobs.shell_commands import Command
    from mlsec_lint.source import Source, Span
    from mlsec_lint.value import Value

_MAX_TEXT = 400_000
_MAX_COMMAND = 8_000
_MAX_COMMANDS = 2_000
#: So many characters of scripts of workflows are read, and commands followed.
_MAX_STEPS_TEXT = 500_000
#: Longer paths, and deeper ones, are not looked for.
_MAX_PATH, _MAX_DEPTH = 600, 30
_PROGRAMS = r"gcloud|aws|az|kubectl|kubectx|helm|kustomize|eksctl|kind|minikube|k3d|cd"
#: A line of a text for people, or of a Makefile, that starts with such a command.
_LINE = regex(
    rf"^[ \t>]{{0,40}}(?:[$@-][ \t]{{0,4}}){{0,2}}(?:sudo[ \t]{{1,4}})?(?=(?:{_PROGRAMS})[ \t])",
    re.MULTILINE,
)
#: No text without one of these says for which cluster it applies anything.
_CHOOSES = ("get-credentials", "update-kubeconfig", "-context")
_FLAGS = frozenset(
    {
        "admin", "overwrite_existing", "internal_ip", "dns_endpoint", "R", "recursive",
        "server_side", "force", "force_conflicts", "wait", "prune", "install", "i",
        "create_namespace", "atomic", "debug", "dry_run", "generate_name", "A",
        "all_namespaces", "quiet", "q", "enable_helm", "file", "current",
    }
)  # fmt: skip
_WORKFLOWS = ".github/workflows/"
_MAKE = ("Makefile", "makefile", "GNUmakefile")


class Applied(NamedTuple):
    """The clusters that something is applied to, the line that says so, and words.

    It is kept by what is applied: the path of a file, overlay or chart; a folder with
    `/` behind it for the files in it, with `/**` for those below it as well.
    """

    addresses: tuple[str, ...]
    span: Span
    words: str


def applied_by_scripts(inputs: Inputs, declared: Declared) -> dict[str, list[Applied]]:
    """What is applied to which declared cluster; not what also goes to an unknown one."""
    reader = _Reader(inputs.tree, declared)
    for source in inputs.texts:
        if _may_choose(source):
            reader.sequence(source.path, _commands(source))
    for path in inputs.tree.prose:
        prose = inputs.tree.source(path)
        if prose is not None and _may_choose(prose):
            reader.sequence(path, _lines(prose))
    for path, document in inputs.documents:
        if path.startswith(_WORKFLOWS):
            reader.workflow(document.value)
        elif posixpath.basename(path).startswith(("skaffold.", "helmfile.")):
            reader.tool(path, document.value)
    return {
        key: list(found.values())
        for key, found in reader.found.items()
        if key not in reader.elsewhere
    }


def _may_choose(source: Source) -> bool:
    whole = source.text
    return len(whole) <= _MAX_TEXT and any(word in whole for word in _CHOOSES)


def _commands(source: Source) -> Iterable[Command]:
    name = posixpath.basename(source.path)
    if name in _MAKE or name.endswith(".mk"):
        return _lines(source)
    return read_script(source).commands


def _lines(source: Source) -> Iterator[Command]:
    """The commands that lines of a text start with, each to its end."""
    whole = source.text
    for match in islice(_LINE.finditer(whole), _MAX_COMMANDS):
        end = _end(whole, match.end())
        yield from read_script(source, start=match.end(), end=end).commands


def _end(whole: str, start: int) -> int:
    """The end of a command that goes on over lines that end with a backslash."""
    at, bound = start, min(len(whole), start + _MAX_COMMAND)
    while at < bound:
        stop = whole.find("\n", at, bound)
        if stop < 0:
            return bound
        if not whole[at:stop].rstrip().endswith("\\"):
            return stop
        at = stop + 1
    return bound


class _Chosen(NamedTuple):
    """For what kubectl is set up: None of `addresses` for a cluster nobody can tell."""

    addresses: tuple[str, ...] | None
    name: str = ""


class _Reader:
    """Follows commands in order; keeps what they apply, and where to."""

    def __init__(self, tree: Tree, declared: Declared) -> None:
        self.tree = tree
        self.declared = declared
        self.found: dict[str, dict[tuple[str, ...], Applied]] = {}
        self.elsewhere: set[str] = set()
        self.left = _MAX_STEPS_TEXT
        self._steps: dict[int, list[Command]] = {}
        self._runs: list[Value] = []  # so that no other value gets the id of one

    def workflow(self, root: Value) -> None:
        jobs = root.get("jobs")
        for _, job in islice(jobs.items(), 200) if jobs is not None else ():
            self._job(job)

    def _job(self, job: Value) -> None:
        chosen: _Chosen | None = None
        steps = job.get("steps")
        for step in (steps.elements() if steps is not None else ())[:200]:
            uses, run = words_of(step.get("uses")), step.get("run")
            if uses.startswith("google-github-actions/get-gke-credentials@"):
                chosen = self._called(words_of(step.at("with", "cluster_name")))
            if run is not None and self.left > 0:
                place = words_of(step.get("working-directory")) or "."
                chosen = self.sequence(f"{place}/x", self._step(run), chosen)

    def _step(self, run: Value) -> list[Command]:
        """The commands of a step; a script that many steps share is read once."""
        known = self._steps.get(id(run))
        if known is None:
            source = script_source(run)
            size = 0 if source is None else len(source.text)
            self._steps[id(run)] = known = []
            if source is not None and size <= self.left:
                known.extend(read_script(source).commands)
            self._runs.append(run)
            self.left -= size
        self.left -= len(known)
        return known

    def tool(self, path: str, root: Value) -> None:
        """The context of a Skaffold or Helmfile file, for the charts and files it names."""
        folder = posixpath.dirname(path)
        own = root.at("deploy", "kubeContext") or root.at("helmDefaults", "kubeContext")
        deploy = root.get("deploy")
        named = [
            root.at("manifests", "rawYaml"),
            root.at("deploy", "kubectl", "manifests"),
        ]
        named += [root.at("manifests", "kustomize", "paths")]
        for listed in named:
            for one in listed.elements() if listed is not None else ():
                self._name(folder, one, own)
        charts = deploy.at("helm", "releases") if deploy is not None else None
        for listed in (root.get("releases"), charts):
            for one in listed.elements() if listed is not None else ():
                chart = one.get("chart") or one.get("chartPath")
                if chart is not None:
                    self._name(folder, chart, one.get("kubeContext") or own)

    def _name(self, folder: str, named: Value, context: Value | None) -> None:
        if context is not None:
            self._apply(folder, named, self._called(words_of(context)), named.span)

    def sequence(
        self, path: str, commands: Iterable[Command], chosen: _Chosen | None = None
    ) -> _Chosen | None:
        """Follow the commands of one text; returns what is chosen at its end."""
        folder = posixpath.dirname(path)
        built: Value | None = None
        for command in commands:
            name = command.name()
            if name == "cd" and len(command.words) == 2:
                step = text(command.words[1])
                folder = _stepped(folder, step)
                continue
            line = arguments(command.words[1:], _FLAGS)
            verbs = [text(word) for word in line.operands[:4]]
            picked = self._picked(name, verbs, line)
            if picked is not None:
                chosen = picked
                continue
            if _builds(name, verbs):
                built = line.operands[1] if len(line.operands) > 1 else None
                continue
            context = _setting(line, "context", "kube_context")
            here = chosen if context is None else self._called(text(context))
            if here is None:
                continue
            for what in _applied_by(name, verbs, line):
                piped = text(what) == "-"
                target = built if piped else what
                if target is not None:
                    recursive = bool(_setting(line, "R", "recursive"))
                    self._apply(folder, target, here, command.span, deep=recursive)
        return chosen

    def _picked(self, name: str, verbs: list[str], line: Arguments) -> _Chosen | None:
        """What a command chooses for those after it; None for any other command."""
        if name == "gcloud" and verbs[:2] == ["container", "clusters"]:
            if verbs[2:3] in (["get-credentials"], ["create"], ["create-auto"]):
                return self._called(verbs[3] if len(verbs) > 3 else "")
        elif name == "aws" and verbs[:2] == ["eks", "update-kubeconfig"]:
            return self._called(text_of(_setting(line, "name")))
        elif name == "az" and verbs[:2] == ["aks", "get-credentials"]:
            return self._called(text_of(_setting(line, "name", "n")))
        elif name == "kubectl" and verbs[:2] in (
            ["config", "use-context"],
            ["config", "use"],
        ):
            return self._called(verbs[2] if len(verbs) > 2 else "")
        elif name == "kubectx" and verbs:
            return self._called(verbs[0])
        elif name in ("eksctl", "kind", "minikube", "k3d"):
            starts = {"create", "start", "utils"}
            return _Chosen(None) if starts & set(verbs) else None
        return None

    def _called(self, name: str) -> _Chosen:
        cluster = self.declared.called(name) if name else None
        return _Chosen(cluster.addresses if cluster is not None else None, name)

    def _apply(
        self,
        folder: str,
        what: Value,
        chosen: _Chosen,
        span: Span | None,
        *,
        deep: bool = False,
    ) -> None:
        path = self._path(folder, text(what))
        if path is None or span is None:
            return
        keys = [path]
        if self.tree.is_folder(path):
            keys.append(f"{path}/**" if deep else f"{path}/")
        for key in keys:
            if chosen.addresses is None:
                self.elsewhere.add(key)
            else:
                words = f"{span.path} applies it to the cluster {chosen.name}"
                known = self.found.setdefault(key, {})
                known.setdefault(
                    chosen.addresses, Applied(chosen.addresses, span, words)
                )

    def _path(self, folder: str, named: str) -> str | None:
        """What a path means beside the text, in a folder above it, or from the root."""
        if not named or named.startswith(("/", "~", "$", "-")) or "://" in named:
            return None
        if len(named) > _MAX_PATH:
            return None
        while True:
            joined = posixpath.normpath(posixpath.join(folder, named))
            real = None if joined.startswith("..") else self.tree.realpath(joined)
            if real and (self.tree.exists(real) or self.tree.is_folder(real)):
                return real
            if not folder or folder[0] in "./~$" or posixpath.normpath(named) == ".":
                return None
            folder = posixpath.dirname(folder)


def _stepped(folder: str, step: str) -> str:
    """The folder after `cd`; "/" for one that is not known or not of the scan."""
    joined = posixpath.normpath(posixpath.join(folder, step[: _MAX_PATH + 1] or "/"))
    deep = len(joined) > _MAX_PATH or joined.count("/") > _MAX_DEPTH
    return "/" if deep else joined


def _builds(name: str, verbs: list[str]) -> bool:
    """Whether a command renders an overlay."""
    return (name, *verbs[:1]) in (("kustomize", "build"), ("kubectl", "kustomize"))


def text_of(word: Value | None) -> str:
    """The known text of a word, "" for none."""
    return text(word) if word is not None else ""


def _setting(line: Arguments, *names: str) -> Value | None:
    found = [one.value for one in line.settings if one.name in names]
    return found[-1] if found else None


def _applied_by(name: str, verbs: list[str], line: Arguments) -> Iterator[Value]:
    """What a command applies: files, overlays, a chart."""
    if name == "kubectl" and verbs[:1] in (["apply"], ["create"], ["replace"]):
        for one in line.settings:
            if one.name in ("f", "filename", "k", "kustomize"):
                yield one.value
    elif name == "helm" and verbs[:1] in (["install"], ["upgrade"]):
        if len(line.operands) > 1:
            yield line.operands[-1]
