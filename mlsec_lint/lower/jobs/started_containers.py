"""Containers that a shell starts: `docker run`, `podman run`, `apptainer exec`.

Their image, mounts and environment, and the words that they run. Options of Docker 29 and
Apptainer 1.4, read 2026-11.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.fetches import name_of, shown, text
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.launch import entrypoint_command, is_program
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.script_job import job_container, mount_thing
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.stores import Named
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.lower.jobs.scene import Scene, WeightPath
    from mlsec_lint.source import Span

_DOCKERS = frozenset({"docker", "podman", "nerdctl"})
_APPTAINERS = frozenset({"apptainer", "singularity"})
#: Switches; every other long option takes a value.
_SWITCHES = frozenset(
    {"--detach", "--init", "--interactive", "--privileged", "--publish-all", "--quiet",
     "--read-only", "--rm", "--sig-proxy", "--tty", "--no-healthcheck", "--replace",
     "--oom-kill-disable", "--disable-content-trust", "--rmi", "--tls-verify",
     "--help", "--no-hosts", "--env-host"}
)  # fmt: skip
_APPTAINER_VALUED = frozenset(
    {"--bind", "--home", "--workdir", "--pwd", "--cwd", "--env", "--env-file", "--mount",
     "--overlay", "--scratch", "--network", "--network-args", "--hostname", "--app",
     "--security", "--dns", "--apply-cgroups", "--fusemount", "--docker-username"}
)  # fmt: skip
_LETTERS = {"docker": "aceghlmpuvw", "apptainer": "BHWSp"}
_GPU_FLAGS = frozenset({"--gpus", "--nv", "--nvccli", "--rocm"})
_MOST = 200


class ContainerRun(NamedTuple):
    """A container that a command starts.

    * `image`, and `span` of the word that names it; `words` that it runs;
    * `options`: the options with values, in order; `flags`: all, by name.
    """

    tool: str
    image: Value
    span: Span
    words: Sequence[Value]
    options: tuple[tuple[str, Value], ...]
    flags: frozenset[str]

    def given(self, *names: str) -> list[Value]:
        """The values of options."""
        return [value for name, value in self.options if name in names]


def container_run(words: Sequence[Value]) -> ContainerRun | None:
    """The container that a command starts; None for any other command."""
    name = name_of(words)
    if name in _DOCKERS:
        at = 2 if text(words[1] if len(words) > 1 else words[0]) == "container" else 1
        if at >= len(words) or text(words[at]) != "run":
            return None
        return _parsed("docker", words[at + 1 :])
    if name in _APPTAINERS and len(words) > 1:
        at = next(
            (
                n
                for n in (1, 2, 3)
                if n < len(words) and text(words[n]) in ("exec", "run")
            ),
            0,
        )
        return _parsed("apptainer", words[at + 1 :]) if at else None
    return None


def _parsed(tool: str, words: Sequence[Value]) -> ContainerRun | None:
    options: list[tuple[str, Value]] = []
    flags: set[str] = set()
    at = 0
    while at < len(words):
        head = _head(words[at])
        if not head.startswith("-"):
            if not _is_options(words, at):
                break
            at += 1
            continue
        option, value = _option(tool, words[at], head)
        flags.add(option)
        at += 1
        if value is None and _takes_value(tool, option) and at < len(words):
            value = words[at]
            at += 1
        if value is not None and len(options) < _MOST:
            options.append((option, value))
    if at >= len(words):
        return None
    image = words[at]
    if image.span is None:
        return None
    inner = words[at + 1 :]
    return ContainerRun(
        tool, image, image.span, inner, tuple(options), frozenset(flags)
    )


def _head(word: Value) -> str:
    data = word.data
    if isinstance(data, Unknown):
        data = data.parts[0] if data.parts else ""
    return data if isinstance(data, str) else ""


def _is_options(words: Sequence[Value], at: int) -> bool:
    """Whether a variable that nobody knows holds options, since an image follows."""
    data = words[at].data
    if not isinstance(data, Unknown) or data.parts or at + 1 >= len(words):
        return False
    if "IMAGE" in data.name.upper() or "CONTAINER" in data.name.upper():
        return False
    follows = words[at + 1]
    head = _head(follows)
    return (
        head.startswith("-")
        or isinstance(follows.data, Unknown)
        or (not is_program(follows) and ("/" in head or ":" in head))
    )


def _option(tool: str, word: Value, head: str) -> tuple[str, Value | None]:
    """An option and the value that the word itself holds."""
    if head.startswith("--"):
        name, equals, rest = head.partition("=")
        return name, _behind(word, len(name) + 1, rest) if equals else None
    for at, letter in enumerate(head[1:], 1):
        if letter in _LETTERS[tool]:
            rest = head[at + 1 :].removeprefix("=")
            held = bool(rest) or isinstance(word.data, Unknown)
            cut = len(head) - len(rest)
            return f"-{letter}", _behind(word, cut, rest) if held else None
    return head, None


def _behind(word: Value, cut: int, rest: str) -> Value:
    data = word.data
    if isinstance(data, Unknown):
        parts = tuple(p for p in (data.parts[0][cut:], *data.parts[1:]) if p != "")
        return word.replace(data=data._replace(parts=parts), origin=None)
    return word.replace(data=rest, origin=None)


def _takes_value(tool: str, option: str) -> bool:
    if not option.startswith("--"):
        return len(option) == 2 and option[1] in _LETTERS[tool]
    return (
        option in _APPTAINER_VALUED if tool == "apptainer" else option not in _SWITCHES
    )


def started(run: ContainerRun) -> Sequence[Value]:
    """The words that run inside, behind the tool that the image starts by itself."""
    entry = run.given("--entrypoint")
    if entry and entry[-1].data:
        return [entry[-1], *run.words]
    return entrypoint_command(shown(run.image), run.words) or run.words


def container_environment(
    run: ContainerRun, environment: Mapping[str, Value]
) -> dict[str, Value]:
    """The variables inside: those handed on by `-e`, all of them with Apptainer."""
    found = dict(environment) if run.tool == "apptainer" else {}
    for word in run.given("-e", "--env"):
        name, equals, _ = _head(word).partition("=")
        if equals:
            found[name] = _behind(word, len(name) + 1, _head(word)[len(name) + 1 :])
        elif name in environment:
            found[name] = environment[name]
    return found


def contained_scene(scene: Scene, run: ContainerRun) -> Scene:
    """The scene inside: its container, mounts and working directory."""
    holder = _holder(scene, run)
    mounted = [] if run.tool == "docker" else list(scene.mounted)
    for source, path, word in _volumes(run):
        entry = _mounted(scene, source, path, word)
        if entry is not None:
            mounted.append(entry)
    folder = run.given("-w", "--workdir", "--pwd", "--cwd")
    working = text(folder[-1]) if folder else ""
    gpus = bool(run.flags & _GPU_FLAGS) or scene.accelerator
    return replace(
        scene, holder=holder, mounted=mounted, working=working, accelerator=gpus,
        environment={}, weights=[], count=0,
    )  # fmt: skip


def _holder(scene: Scene, run: ContainerRun) -> Thing:
    """The container, where an image of a registry is named; else who starts it."""
    image = shown(run.image)
    if image.startswith(("/", "./", "../", "~")) or image.endswith(
        (".sif", ".sqsh", ".img")
    ):
        return scene.holder
    if run.tool == "apptainer" and "://" not in image:
        return scene.holder
    container = job_container(scene.estate, scene.workload, run.tool, run.span)
    if run.flags & _GPU_FLAGS:
        container.state("accelerator", value=True, span=run.span)
    container.state("privileged", "--privileged" in run.flags, run.span)
    state_image(container, run.image, run.span)
    return container


def _volumes(run: ContainerRun) -> list[tuple[str, str, Value]]:
    """Host path or volume, path inside, and the word that says so."""
    found: list[tuple[str, str, Value]] = []
    for word in run.given("-v", "--volume", "-B", "--bind"):
        data = word.data
        for pair in data.split(",") if isinstance(data, str) else ():
            source, _, rest = pair.partition(":")
            path = rest.partition(":")[0] or (source if run.tool == "apptainer" else "")
            found.append((source, path, word))
    for word in run.given("--mount"):
        fields = dict(p.partition("=")[::2] for p in text(word).split(",")[:20])
        source = fields.get("source") or fields.get("src", "")
        path = (
            fields.get("target") or fields.get("dst") or fields.get("destination", "")
        )
        found.append((source, path, word))
    return [f for f in found if f[0] and f[1].startswith("/")][:_MOST]


def _mounted(scene: Scene, source: str, path: str, word: Value) -> Mounted | None:
    span = word.span
    if span is None:
        return None
    kind = "host"
    if source.startswith("/"):
        behind = scene.behind(Value(source, span), span)
        stores = behind[1] if behind is not None else ()
    elif source.startswith((".", "~")):
        return None
    else:
        kind, stores = "local-volume", (_volume(scene, source, span),)
    for named in stores[:1]:
        mount = mount_thing(scene.estate, scene.workload, path, kind, span, named)
        if kind == "host":
            mount.state("host.path", normal_path(source), span)
            mount.state("host.sensitive", sensitive(source), span)
        return Mounted(posixpath.normpath(path), mount, stores)
    return None


def _volume(scene: Scene, name: str, span: Span) -> Named:
    address = f"{span.path}#{name}"
    store = scene.estate.find("store", address)
    if store is None:
        store = scene.estate.add(Thing("store", address, address, span))
        store.state("type", "block", span)
        store.state("declared", value=False, span=span)
    return Named([store], certain=True, why="")


def share_weights(outer: Scene, inner: Scene, run: ContainerRun) -> None:
    """What lies at a mount is known on both of its sides, each by its own path."""
    for source, path, _ in _volumes(run):
        if source.startswith("/"):
            _hand(inner.weights, outer.weights, path, source)
            _hand(outer.weights, inner.weights, source, path)


def _hand(given: list[WeightPath], to: list[WeightPath], here: str, there: str) -> None:
    prefix, known = here.rstrip("/"), {w.path for w in to}
    for weight in list(given)[:_MOST]:
        rest = weight.path.removeprefix(prefix)
        if rest == weight.path or rest[:1] not in ("", "/"):
            continue
        path = there.rstrip("/") + rest
        if path not in known and len(to) < 10 * _MOST:
            to.append(weight._replace(path=path))
