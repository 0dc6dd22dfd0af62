"""Containers in Terraform that no cluster runs: ECS tasks, Batch jobs, container groups.

ECS and Batch take JSON documents (`container_definitions`, `container_properties`,
`node_properties`); names as in the Amazon ECS and AWS Batch API references, 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.in_terraform.machines import has_accelerator, workload_of
from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.launch import entrypoint_command, image_program, is_program
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.script_job import job_container, job_scene, mount_thing
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import Named
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

ECS = "aws_ecs_task_definition"
BATCH = "aws_batch_job_definition"
_OFF = "Amazon ECS and AWS Batch: off unless set"
_SPACES = (("host.pid", "pid_mode"), ("host.ipc", "ipc_mode"))


@dataclass(slots=True)
class _Task:
    """A task: its workload, its volumes by name, the runners of its containers."""

    estate: Estate
    here: RootIndex
    resource: Resource
    workload: Thing
    configs: Configs
    volumes: dict[str, Value] = field(default_factory=dict)
    runners: list[Runner] = field(default_factory=list)


def lower_tasks(inputs: Inputs, estate: Estate) -> None:
    """Every task and job definition of the scan, with its containers."""
    configs = Configs(inputs)
    tasks: list[_Task] = []
    for here in index_of(inputs).roots:
        for resource in here.of(ECS, BATCH):
            workload = workload_of(here, estate, resource, "managed")
            task = _Task(estate, here, resource, workload, configs)
            (_ecs if resource.type == ECS else _batch)(task)
            recognised = inputs.recognised
            recognised[resource.type] = recognised.get(resource.type, 0) + 1
            tasks.append(task)
    for task in tasks:
        for runner in task.runners:
            runner.finish()


def _ecs(task: _Task) -> None:
    values = task.resource.values
    network = given(values, "network_mode")
    _space(task, "host.network", network)
    for fact, argument in _SPACES:
        _space(task, fact, given(values, argument))
    for volume in blocks(values, "volume"):
        name = given(volume, "name")
        if name is not None and isinstance(name.data, str):
            task.volumes[name.data] = volume
    _containers(task, list(_documents(task, "container_definitions")))


def _batch(task: _Task) -> None:
    found = list(_documents(task, "container_properties"))
    for document in _documents(task, "node_properties"):
        ranges = given(document, "nodeRangeProperties")
        for element in ranges.elements() if ranges is not None else ():
            container = given(element, "container")
            if container is not None:
                found.append(container)
    for document in found:
        listed = given(document, "volumes")
        for volume in listed.elements() if listed is not None else ():
            name = given(volume, "name")
            if name is not None and isinstance(name.data, str):
                task.volumes[name.data] = volume
    _containers(task, found)


def _space(task: _Task, fact: str, value: Value | None) -> None:
    """A namespace of the host: `host` shares it."""
    span = task.resource.span
    if value is None:
        task.workload.state(fact, value=False, span=span, default=_OFF)
        return
    text = task.here.text_of(value)
    shared = text if isinstance(text, Unknown) else text == "host"
    task.workload.state(fact, shared, value.entry() or span, trail=value.trail)


def _documents(task: _Task, name: str) -> Iterator[Value]:
    """The objects of a JSON argument: those of a list, or the one object."""
    value = given(task.resource.values, name)
    if value is None:
        return
    documents = documents_in(value)
    if documents is None:
        task.estate.note([_unread(task, value)])
        return
    task.estate.note(documents.notes)
    for document in documents.values:
        if isinstance(document.data, Unknown):
            task.estate.note([_unread(task, value)])
        elif isinstance(document.data, dict):
            yield document
        else:
            yield from document.elements()


def _unread(task: _Task, value: Value) -> Note:
    unknown = value.unknown
    why = f" ({unknown.why})" if unknown is not None else ""
    text = f"the containers of {task.resource.address} are not known{why}"
    span = value.entry() or task.resource.span
    return Note("template-not-read", text, span.path, span, strict_only=True)


# -- containers -----------------------------------------------------------------


def _containers(task: _Task, containers: list[Value]) -> None:
    known = [one for one in containers if isinstance(one.data, dict)]
    for container in known:
        span = _asks(container)
        if span is not None:
            task.workload.state("accelerator", value=True, span=span)
    for number, container in enumerate(known):
        name = given(container, "name")
        label = name.data if name is not None and isinstance(name.data, str) else ""
        _container(task, container, label or f"container{number or ''}")


def _asks(container: Value) -> Span | None:
    """Where a container asks for GPUs or Neuron devices."""
    listed = given(container, "resourceRequirements")
    for entry in listed.elements() if listed is not None else ():
        kind = given(entry, "type")
        if kind is not None and kind.text() == "GPU":
            return entry.span or kind.entry()
    devices = given(container, "linuxParameters", "devices")
    for entry in devices.elements() if devices is not None else ():
        path = given(entry, "hostPath")
        text = path.text() if path is not None else None
        if path is not None and isinstance(text, str) and "/dev/neuron" in text:
            return path.entry()
    return None


def _container(task: _Task, container: Value, label: str) -> None:
    estate, workload = task.estate, task.workload
    named = given(container, "name") or given(container, "image")
    span = (named.entry() if named is not None else None) or task.resource.span
    holder = job_container(estate, workload, label, span)
    _rights(holder, container, span)
    image = given(container, "image")
    if image is not None:
        state_image(holder, _resolved(task, image))
    environment = _environment(task, holder, container)
    mounted = list(_mounts(task, container))
    asks = has_accelerator(workload)
    scene = job_scene(
        estate, workload, environment, mounted, asks, task.configs, holder=holder
    )
    runner = Runner(scene)
    task.runners.append(runner)
    _run(runner, container, environment, span)


def _resolved(task: _Task, value: Value) -> Value:
    """The value with references followed to what follows from arguments."""
    text = task.here.text_of(value)
    return value if text is None or text is value.data else value.replace(data=text)


def _rights(holder: Thing, container: Value, span: Span) -> None:
    privileged = given(container, "privileged")
    if privileged is None:
        holder.state("privileged", value=False, span=span, default=_OFF)
    else:
        found = privileged.boolean()
        state = (
            Unknown("error", "this is not true or false") if found is None else found
        )
        holder.state("privileged", state, privileged.entry(), trail=privileged.trail)
    added = given(container, "linuxParameters", "capabilities", "add")
    if added is not None and added.unknown is None:
        texts = [e.text() for e in added.elements()]
        names = tuple(
            t.upper().removeprefix("CAP_") for t in texts if isinstance(t, str)
        )
        holder.state("capabilities.added", names, added.entry(), trail=added.trail)
    user = given(container, "user")
    text = user.text() if user is not None else None
    if user is not None and text is not None:
        root = (
            text
            if isinstance(text, Unknown)
            else text.partition(":")[0] in ("0", "root")
        )
        holder.state("run_as_root", root, user.entry(), trail=user.trail)


def _environment(task: _Task, holder: Thing, container: Value) -> dict[str, Value]:
    """`environment`; `secrets` are references and so no plain text."""
    found: dict[str, Value] = {}
    listed = given(container, "environment")
    for entry in listed.elements() if listed is not None else ():
        name, value = given(entry, "name"), given(entry, "value")
        label = name.text() if name is not None else None
        if name is not None and value is not None and isinstance(label, str):
            found[label] = value.replace(key=value.key or name.span)
            secret = secret_under(label, value)
            if secret is not None and value.data != "":
                state_secret(task.estate, holder, secret, holder.address, label)
    listed = given(container, "secrets")
    for entry in listed.elements() if listed is not None else ():
        name = given(entry, "name")
        label = name.text() if name is not None else None
        if name is not None and isinstance(label, str):
            why = f"{label} is filled in from a secret store"
            unknown = Unknown("environment", why, label, span=name.span)
            found[label] = Value(unknown, name.span, key=name.span, sensitive=True)
    return found


def _run(
    runner: Runner, container: Value, environment: dict[str, Value], span: Span
) -> None:
    """`entryPoint` and `command`, as Docker puts them together."""
    entry, command = given(container, "entryPoint"), given(container, "command")
    words = [
        word
        for part in (entry, command)
        if part is not None
        for word in part.elements()
    ]
    image = given(container, "image")
    text = image.text() if image is not None else None
    name = text if isinstance(text, str) else ""
    form = image_program(name)
    tool = entrypoint_command(name, words) if entry is None else []
    if tool or (words and (entry is not None or is_program(words[0]))):
        runner.command(tool or words, environment)
    elif words:
        runner.bare_arguments(words, environment, form)
    elif form and image is not None:
        runner.bare_arguments([image], environment, form)
    runner.ambient(environment, (image.entry() if image is not None else None) or span)


# -- volumes --------------------------------------------------------------------


def _mounts(task: _Task, container: Value) -> Iterator[Mounted]:
    listed = given(container, "mountPoints")
    for entry in listed.elements() if listed is not None else ():
        path, source = given(entry, "containerPath"), given(entry, "sourceVolume")
        target = path.text() if path is not None else None
        name = source.text() if source is not None else None
        if path is None or not isinstance(target, str) or not isinstance(name, str):
            continue
        volume = task.volumes.get(name)
        if volume is None:
            continue
        span = path.entry() or task.resource.span
        closed = given(entry, "readOnly")
        state = closed.boolean() if closed is not None else False
        yield _mount(task, volume, name, normal_path(target), span, state)


def _mount(
    task: _Task,
    volume: Value,
    name: str,
    path: str,
    span: Span,
    closed: bool | Unknown | None,
) -> Mounted:
    host = given(volume, "host_path") or given(volume, "host", "sourcePath")
    where = task.here.text_of(host) if host is not None else None
    shared = (
        given(volume, "efs_volume_configuration")
        or given(volume, "efsVolumeConfiguration")
        or given(volume, "fsx_windows_file_server_volume_configuration")
    )
    kind = (
        "host" if host is not None else "file" if shared is not None else "empty-disk"
    )
    named = _backing(task, name, where, host, shared, span)
    mount = mount_thing(task.estate, task.workload, path, kind, span, named)
    mount.state("read_only", False if closed is None else closed, span)
    if host is not None and where is not None:
        at = host.entry() or span
        known = isinstance(where, str)
        mount.state(
            "host.path", normal_path(where) if isinstance(where, str) else where, at
        )
        mount.state("host.sensitive", sensitive(str(where)) if known else where, at)
    return Mounted(path, mount, () if named is None else (named,))


def _backing(
    task: _Task,
    name: str,
    where: str | Unknown | None,
    host: Value | None,
    shared: Value | None,
    span: Span,
) -> Named | None:
    """The store behind a volume: the node's path, a file system, a disk of the task."""
    if shared is not None:
        label = given(shared, "file_system_id") or given(shared, "fileSystemId")
        found = task.here.parents(label, ("aws_efs_file_system",))
        stores = [
            store
            for one in found
            if (store := task.estate.find("store", task.here.address(one))) is not None
        ]
        return Named(stores, certain=True, why="") if stores else None
    if isinstance(where, Unknown):
        return None
    address = (
        f"hostPath:{normal_path(where)}"
        if where is not None
        else f"{task.workload.address}/volumes/{name}"
    )
    store = task.estate.find("store", address)
    if store is None:
        at = (host.entry() if host is not None else None) or span
        store = task.estate.add(Thing("store", address, address, at))
        store.state("type", "node-disk", at)
        store.state("declared", value=False, span=at)
        if where is not None:
            store.state("path", where, at)
    return Named([store], certain=True, why="")
