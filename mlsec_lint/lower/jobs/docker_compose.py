"""Compose files. Fields from the Compose specification, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.compose_values import beside, filled, likely, listed_files
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.launch import (
    entrypoint_command,
    image_program,
    is_program,
    is_tool,
)
from mlsec_lint.lower.jobs.open_ports import Opened, state_opened
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    mount_thing,
    variables,
)
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.scalars import given, put_bool, settled, text_of
from mlsec_lint.lower.stores import Named
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span

_SPACES = (
    ("host.network", "network_mode"),
    ("host.pid", "pid"),
    ("host.ipc", "ipc"),
)
#: Between the parts of a volume; not in a variable (`${DATA:?set}`).
_MARK = regex(r":(?![^{}]*\})")
_OFF = "Compose: off unless set"


def is_compose(value: Value) -> bool:
    """`services`, at least one of which has an image or a build."""
    services = given(value, "services")
    if services is None or value.get("apiVersion") is not None:
        return False
    return any(
        service.get("image") is not None or service.get("build") is not None
        for _, service in services.items()
        if isinstance(service.data, dict)
    )


def lower_docker_compose(inputs: Inputs, estate: Estate) -> None:
    """Lower each service of a Compose file as a workload with one container."""
    configs = Configs(inputs)
    texts = {source.path: source for source in inputs.texts}
    for path, document in unclaimed(inputs, is_compose, "docker-compose"):
        services = given(document.value, "services")
        known = beside(texts, path, ".env")
        for name, raw in services.items() if services is not None else ():
            if isinstance(raw.data, dict):
                service = filled(raw, known)
                own: dict[str, Value] = {}
                for file in listed_files(service):
                    own.update(beside(texts, path, file))
                _service(estate, path, document, name, service, configs, own)


def _service(
    estate: Estate,
    path: str,
    document: Document,
    name: str,
    service: Value,
    configs: Configs,
    own: dict[str, Value],
) -> None:
    workload = job_workload(estate, path, document, "docker-compose", name)
    span = service.key or workload.span
    workload.span = span
    for fact, field in _SPACES:
        value = given(service, field)
        if value is None:
            workload.state(fact, value=False, span=span, default=_OFF)
            continue
        text = settled(value).text()
        host = text if isinstance(text, Unknown) else text == "host"
        workload.state(fact, host, value.entry())
    asks, where = _accelerator(service)
    workload.state("accelerator", asks, where or span)
    container = job_container(estate, workload, name, span)
    put_bool(
        container,
        "privileged",
        given(service, "privileged"),
        default=False,
        words=_OFF,
        header=span,
    )
    _rights(container, service)
    image = given(service, "image")
    if image is not None and not _built_here(service, image):
        state_image(container, image)
    environment = own | variables(estate, workload, service, ("environment",))
    mounted = volumes(estate, workload, service)
    scene = job_scene(
        estate, workload, environment, mounted, asks, configs, holder=container
    )
    _run(Runner(scene), service, environment, span)
    _ports(estate, workload, service, environment)


def _built_here(service: Value, image: Value) -> bool:
    """Whether `image` only names what `build` makes: it names no place to pull it from.

    Compose 2.40 pulls what has a registry or an owner before it builds (read 2026-11).
    """
    return given(service, "build") is not None and "/" not in likely(image)


def _ports(
    estate: Estate, workload: Thing, service: Value, environment: dict[str, Value]
) -> None:
    """Ports that are published on the addresses of the machine."""
    listed = given(service, "ports")
    numbers: list[int] = []
    for entry in listed.elements() if listed is not None else ():
        if isinstance(entry.data, dict):
            host = text_of(entry.get("host_ip"))
            inner = text_of(entry.get("target"))
        else:
            head, _, last = likely(entry).rpartition(":")
            host = head.rpartition(":")[0].strip("[]")
            inner = last.partition("/")[0]
        first = inner.partition("-")[0]
        if not host.startswith(("127.", "::1", "localhost")) and first.isdecimal():
            numbers.append(int(first))
    span = listed.entry() if listed is not None else None
    if span is None or not numbers:
        return
    opened = Opened(numbers[:100], "node", login=False, span=span)
    scripts = [given(service, "entrypoint"), given(service, "command")]
    image = given(service, "image")
    named = likely(image) if image is not None else ""
    state_opened(estate, workload, opened, scripts, environment, named)


def _rights(container: Thing, service: Value) -> None:
    added = given(service, "cap_add")
    if added is not None and added.elements():
        names = tuple(text_of(e).upper().removeprefix("CAP_") for e in added.elements())
        container.state("capabilities.added", names, added.entry())
    options = given(service, "security_opt")
    for option in options.elements() if options is not None else ():
        if text_of(option).replace("=", ":") == "seccomp:unconfined":
            container.state("seccomp.unconfined", value=True, span=option.span)
    user = given(service, "user")
    text = text_of(user).partition(":")[0]
    if user is not None and text:
        container.state("run_as_root", text in ("0", "root"), user.entry())


def _accelerator(service: Value) -> tuple[bool, Span | None]:
    for path in (("runtime",), ("gpus",)):
        value = given(service, *path)
        if value is not None and (path == ("gpus",) or text_of(value) == "nvidia"):
            return True, value.entry()
    devices = given(service, "deploy", "resources", "reservations", "devices")
    for device in devices.elements() if devices is not None else ():
        names = given(device, "capabilities")
        if names is not None and any(
            text_of(n) in ("gpu", "tpu", "nvidia") for n in names.elements()
        ):
            return True, names.entry()
    return False, None


def _run(
    runner: Runner, service: Value, environment: dict[str, Value], span: Span
) -> None:
    words = [
        word
        for field in ("entrypoint", "command")
        for word in _words(given(service, field), environment)
    ]
    image = given(service, "image")
    name = likely(image) if image is not None else ""
    form = image_program(name)
    own = given(service, "entrypoint") is None
    tool = entrypoint_command(name, words) if own else []
    words = tool or words
    known = bool(tool) or not own
    if words and (known or is_program(words[0]) or is_tool(words, 0)):
        runner.command(words, environment)
    elif words:
        runner.bare_arguments(words, environment, form)
    elif form and image is not None:
        runner.bare_arguments([image], environment, form)
    runner.ambient(environment, (image.entry() if image is not None else None) or span)
    runner.finish()


def _words(value: Value | None, environment: dict[str, Value]) -> list[Value]:
    """A command as words: a list stays, a string is split as a shell would."""
    if value is None:
        return []
    if value.elements():
        return list(value.elements())
    source = script_source(value)
    data = value.data
    parts = (data.parts or (data,)) if isinstance(data, Unknown) else ()
    open_ones = {p.name: Value(p) for p in parts if isinstance(p, Unknown)}
    known = environment | open_ones
    commands = read_script(source, known).commands if source is not None else []
    return [word for command in commands[:1] for word in command.words]


# -- volumes --------------------------------------------------------------------


def volumes(estate: Estate, workload: Thing, service: Value) -> list[Mounted]:
    """The `volumes` of a service (or of anything that writes them in Docker's way)."""
    found: list[Mounted] = []
    listed = given(service, "volumes")
    for entry in listed.elements() if listed is not None else ():
        mounted = _volume(estate, workload, entry)
        if mounted is not None:
            found.append(mounted)
    return found


def _volume(estate: Estate, workload: Thing, entry: Value) -> Mounted | None:
    span = entry.span or workload.span
    if isinstance(entry.data, dict):
        source, path = (
            likely(part) if (part := entry.get(name)) is not None else ""
            for name in ("source", "target")
        )
        read_only = given(entry, "read_only")
        closed = read_only is not None and read_only.boolean() is True
    else:
        parts = _MARK.split(likely(entry))
        if len(parts) < 2:
            return None
        source, path = parts[0], parts[1]
        closed = "ro" in parts[2:]
    if not path.startswith("/") or not source:
        return None
    host = source.startswith(("/", "~", ".", "$"))
    address = (
        f"hostPath:{normal_path(source)}"
        if source.startswith("/")
        else (f"{span.path}#{source}")
    )
    store = estate.find("store", address)
    if store is None:
        store = estate.add(Thing("store", address, address, span))
        store.state("type", "node-disk" if host else "block", span)
        store.state("declared", value=False, span=span)
        if host and "$" not in source:
            store.state("path", source, span)
    unknown = "$" in source or isinstance(entry.data, Unknown)
    why = f"which folder {source} is, whoever starts it decides" if unknown else ""
    named = Named([store], certain=not unknown, why=why)
    kind = "host" if host else "local-volume"
    mount = mount_thing(estate, workload, path, kind, span, named)
    mount.state("read_only", closed, span)
    if source.startswith("/"):
        mount.state("host.path", normal_path(source), span)
        mount.state("host.sensitive", sensitive(source), span)
    return Mounted(path.rstrip("/") or "/", mount, (named,))
