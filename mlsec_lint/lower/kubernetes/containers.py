"""A container's mounts, environment, secrets and what it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.argument_variables import variable_form
from mlsec_lint.lower.jobs.configs import Configs, mounted_config
from mlsec_lint.lower.jobs.launch import (
    SHELLS,
    Launch,
    entrypoint_command,
    image_program,
    is_program,
    program_name,
)
from mlsec_lint.lower.jobs.mentions import in_variables
from mlsec_lint.lower.jobs.paths import Mounted, is_path
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.weight_words import weight_role
from mlsec_lint.lower.kubernetes.environment import entries, environment, expand
from mlsec_lint.lower.kubernetes.secret_volumes import (
    carry,
    carry_committed,
    of_environment,
    state_names,
)
from mlsec_lint.lower.links import state_links
from mlsec_lint.lower.node_paths import normal_path
from mlsec_lint.lower.scalars import given, name_of, put, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.volumes import Volumes
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.lower.stores import Named
    from mlsec_lint.source import Span

#: Folders of a container under which accelerator workloads keep weights.
_WEIGHT_FOLDERS = frozenset(
    {
        "checkpoint", "checkpoints", "ckpt", "ckpts", "weights", "models", "model",
        "modelcache", "modelstorage", "modelstore", "modelrepository", "hfcache",
        "huggingface", "hfhome", "hfhub", "modelweights", "loras", "adapters",
    }
)  # fmt: skip
_CACHES = frozenset(
    {
        "HF_HOME", "HF_HUB_CACHE", "TRANSFORMERS_CACHE", "HUGGINGFACE_HUB_CACHE",
        "NIM_CACHE_PATH", "VLLM_CACHE_ROOT", "MODELSCOPE_CACHE",
    }
)  # fmt: skip


def container_scene(
    estate: Estate,
    pod: Pod,
    holder: Thing,
    container: Value,
    volumes: Volumes,
    objects: Objects,
    configs: Configs,
) -> Scene:
    """The scene of a container: its environment and what is mounted where."""
    names = environment(container, pod.manifest, objects)
    files = _config_files(pod, container, objects)
    taken = of_environment(container, objects, pod.manifest)
    state_names(holder, taken)
    for secret in taken:
        carry_committed(estate, holder, secret)
    near = pod.manifest.span.path
    return Scene(
        estate,
        pod.workload,
        holder,
        names,
        mounted=_mounts(estate, pod, holder, container, volumes),
        working=text_of(given(container, "workingDir")),
        accelerator=pod.accelerator,
        config=lambda path: mounted_config(path, files) or configs.find(path, near),
        file=lambda path: files.get(normal_path(path)),
    )


def _config_files(pod: Pod, container: Value, objects: Objects) -> dict[str, Value]:
    """Files that ConfigMap volumes bring into a container, by path."""
    found: dict[str, Value] = {}
    sources: dict[str, list[Value]] = {}
    listed = given(pod.template.spec, "volumes")
    for volume in listed.elements() if listed is not None else ():
        sources[text_of(volume.get("name"))] = list(_config_maps(volume))
    mounts = given(container, "volumeMounts")
    for mount in mounts.elements() if mounts is not None else ():
        path = text_of(given(mount, "mountPath"))
        only = text_of(given(mount, "subPath"))
        for source in sources.get(text_of(mount.get("name")), ()) if path else ():
            name = name_of(given(source, "name"))
            target = objects.find("ConfigMap", name, pod.manifest)
            if target is not None:
                found.update(_files_of(target, source, path, only))
    return found


def _config_maps(volume: Value) -> Iterator[Value]:
    """The ConfigMaps that a volume brings, those of a projected one too."""
    source = given(volume, "configMap")
    if source is not None:
        yield source
    projected = given(volume, "projected", "sources")
    for element in projected.elements() if projected is not None else ():
        inner = given(element, "configMap")
        if inner is not None:
            yield inner


def _files_of(
    target: Manifest, source: Value, path: str, only: str
) -> Iterator[tuple[str, Value]]:
    """The files of a ConfigMap at a path; `only` one of them, by `subPath`."""
    renamed = _renamed(source)
    for key, value in entries(target).items():
        file = renamed.get(key, key)
        if only and file == only:
            yield normal_path(path), value
        elif not only:
            yield normal_path(f"{path}/{file}"), value


def _renamed(source: Value) -> dict[str, str]:
    items = given(source, "items")
    return {
        text_of(item.get("key")): text_of(item.get("path"))
        for item in (items.elements() if items is not None else ())
    }


def _mounts(
    estate: Estate, pod: Pod, holder: Thing, container: Value, volumes: Volumes
) -> list[Mounted]:
    found: list[Mounted] = []
    listed = given(container, "volumeMounts")
    for entry in listed.elements() if listed is not None else ():
        made = volumes.mount(text_of(entry.get("name")))
        path = given(entry, "mountPath")
        if made is None or path is None or path.span is None:
            continue
        mount, backing = made
        span = path.entry() or path.span
        text = path.text()
        if text is not None:
            mount.also("path", text, span)
        _read_only(mount, entry, backing.read_only)
        mount.state("accelerator", pod.accelerator)
        if pod.infrastructure is not False:
            mount.state("infrastructure", pod.infrastructure)
        estate.link(holder, "mounts", mount, span)
        carry(estate, holder, volumes.secrets.get(text_of(entry.get("name")), ()))
        if isinstance(text, str):
            where = normal_path(text)
            found.append(Mounted(where, mount, tuple(backing.stores)))
            if pod.accelerator and _weight_folder(where) and _carries(mount):
                words = f"{pod.workload.name} asks for accelerators and mounts it at {where}"
                for thing in (mount, *_stores(backing.stores)):
                    thing.holds_weights("referenced", words, span)
    return found


def _stores(named: list[Named]) -> list[Thing]:
    found: list[Thing] = []
    for one in named:
        if one.certain:
            found.extend(one.stores)
    return found


def _carries(mount: Thing) -> bool:
    """Whether a mount is of a sort that can hold weights at all."""
    fact = mount.fact("type")
    return fact is not None and fact.value not in ("config", "other", "image")


def _weight_folder(path: str) -> bool:
    return any(
        re.sub(r"[^a-z]", "", segment.lower()) in _WEIGHT_FOLDERS
        for segment in path.split("/")
    )


def _read_only(mount: Thing, entry: Value, volume: Value | None) -> None:
    """Read-only where the mount or the volume says so, and no container writes."""
    value = given(entry, "readOnly")
    on = value.boolean() if value is not None else None
    whole = volume.boolean() if volume is not None else None
    state: bool | Unknown = False
    if on is True or whole is True:
        state = True
    elif isinstance(on, Unknown):
        state = on
    before = mount.fact("read_only")
    if before is not None and before.value is False:
        return
    said = value or volume
    if said is not None:
        put(mount, "read_only", state, said)
    else:
        words = "Kubernetes: writable unless readOnly is set"
        mount.state("read_only", state, entry.span, default=words)


def read_programs(scene: Scene, container: Value, usual: str = "") -> Runner:
    """Read what a container runs: command and args, hooks, its environment.

    `usual`: the server that its operator starts where it has no command of its own.
    """
    runner = Runner(scene)
    command = _items(container, "command", scene)
    arguments = _items(container, "args", scene)
    source = given(container, "source")  # Argo's script
    environment = scene.environment
    if source is not None and (text := script_source(source)) is not None:
        words = [program_name(w) for w in command[:1]]
        if not words or words[0] in SHELLS:
            runner.script(text, environment)
    elif command:
        runner.command([*command, *arguments], environment)
    elif arguments:
        _entrypoint(runner, container, arguments, environment, usual)
    else:
        form = image_program(text_of(given(container, "image"))) or usual
        form = form or variable_form(environment)
        name = given(container, "image") or container.get("name")
        if form and name is not None:
            runner.launch(Launch(form, "serve", "", ()), name, environment)
    for hook in ("postStart", "preStop"):
        listed = given(container, "lifecycle", hook, "exec", "command")
        if listed is not None:
            runner.command(
                [expand(w, environment) for w in listed.elements()], environment
            )
    span = holder_span(scene, container)
    runner.ambient(environment, span)
    _paths_of_environment(scene)
    if scene.accelerator:
        runner.mentions += in_variables(environment)
    return runner


def holder_span(scene: Scene, container: Value) -> Span:
    """Where a container's image, else its name, stands."""
    image = given(container, "image")
    return (image.entry() if image is not None else None) or scene.holder.span


def _items(container: Value, name: str, scene: Scene) -> list[Value]:
    listed = given(container, name)
    if listed is None:
        return []
    if isinstance(listed.data, str):  # not valid, but met in samples: one word
        return [expand(listed, scene.environment)]
    return [expand(word, scene.environment) for word in listed.elements()]


def _entrypoint(
    runner: Runner,
    container: Value,
    arguments: list[Value],
    environment: dict[str, Value],
    usual: str = "",
) -> None:
    """`args` without `command` go to the image's entrypoint, unless they are a command."""
    image = text_of(given(container, "image"))
    if "storage-initializer" in image.rpartition("/")[2]:
        _initialized(runner.scene, arguments)
    form = image_program(image) or usual
    form = form or variable_form(environment)
    tool = entrypoint_command(text_of(given(container, "image")), arguments)
    if tool or (not form and is_program(arguments[0])):
        runner.command(tool or arguments, environment)
        return
    runner.bare_arguments(arguments, environment, form)


def _initialized(scene: Scene, arguments: list[Value]) -> None:
    """KServe's storage initializer: pairs of a model's URI and the folder it goes to."""
    for source, target in zip(arguments[::2], arguments[1::2], strict=False):
        for value, verb, words in (
            (source, "reads", "brings a model in from"),
            (target, "writes", "puts a model into"),
        ):
            span = value.entry() or value.span
            if span is not None and is_path(value):
                said = f"{words} {text_of(value) or span.text}"
                scene.weights_at(value, verb, said, span, None)


def _paths_of_environment(scene: Scene) -> None:
    """Variables of an accelerator workload that name a folder of weights."""
    if not scene.accelerator:
        return
    for name, value in scene.environment.items():
        span = value.entry() or value.span
        if span is None or not is_path(value):
            continue
        if name in _CACHES:
            scene.weights_at(value, "reads", f"keeps models in {name}", span, None)
            continue
        verb = weight_role(name)
        if verb:
            words = f"{verb} weights by {name}"
            scene.weights_at(value, verb, words, span, None)


def container_secrets(scene: Scene, container: Value) -> None:
    """Secrets in a container's own `env`; those in commands are found with them."""
    listed = given(container, "env")
    for entry in listed.elements() if listed is not None else ():
        name = text_of(entry.get("name"))
        value = scene.environment.get(name)
        if value is None:
            continue
        literal = given(entry, "value")
        if literal is not None:  # what stands here, not what it refers to
            value = value.replace(key=literal.key, span=literal.span)
        state_links(scene.estate, scene.holder, value)
        found = secret_under(name, value)
        if found is not None and given(entry, "valueFrom") is not None:
            found = found._replace(plain=False)
        if found is not None:
            state_secret(scene.estate, scene.holder, found, scene.holder.address, name)
