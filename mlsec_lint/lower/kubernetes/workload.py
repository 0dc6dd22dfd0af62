"""Pod templates as workloads, containers and identities, with their facts.

One template in a Job, a PyTorchJob, a RayCluster or a JobSet gives the same facts four
times. Defaults are those of the Kubernetes API, v1.34 documentation, 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.kubernetes.accelerators import (
    container_accelerator,
    pod_accelerator,
)
from mlsec_lint.lower.kubernetes.infrastructure import infrastructure
from mlsec_lint.lower.scalars import given, put, put_bool, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.templates import PodTemplate
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_OFF = "Kubernetes: off unless set"
_ESCALATION = "Kubernetes: allowed unless set to false"
_NAMESPACES = (
    ("host.network", "hostNetwork"),
    ("host.pid", "hostPID"),
    ("host.ipc", "hostIPC"),
)


@dataclass(slots=True)
class Pod:
    """A workload with what its containers share."""

    workload: Thing
    template: PodTemplate
    manifest: Manifest
    accelerator: bool
    infrastructure: bool | Unknown


def lower_workload(
    estate: Estate, manifest: Manifest, template: PodTemplate, base: str, *, first: bool
) -> Pod:
    """The workload thing of a pod template, with the facts of the pod itself.

    The first template of an object has the object's own address, `base`; others have
    their label behind it (`RayCluster/ml/sft#gpu`).
    """
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    suffix = "" if first else f"#{template.label}"
    span = manifest.span if first else template.span
    thing = Thing(
        "workload",
        base + suffix,
        name + suffix,
        span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )
    workload = estate.add(thing)
    spec = template.spec
    workload.state("type", "pod", span)
    for fact, field in (*_NAMESPACES, ("session.shared", "shareProcessNamespace")):
        value = given(spec, field)
        if value is not None or not template.partial:
            put_bool(workload, fact, value, default=False, words=_OFF, header=span)
    if manifest.kind == "Notebook":
        workload.state("session.notebook", value=True, span=span)
    accelerator, where = pod_accelerator(template)
    workload.state("accelerator", accelerator, where or span)
    images = [_image_start(c.get("image")) for _, c in template.containers]
    listed = infrastructure(manifest.name, images)
    host: bool | Unknown = False
    if listed is not None:
        host = True if listed.certain else _image_unknown(template, images)
        words = f"row {listed.row}"
        workload.state("infrastructure", host, span=span, default=words)
    return Pod(workload, template, manifest, accelerator, host)


def _image_start(value: Value | None) -> str | None:
    """An image reference, or what is certain of its beginning; None where nothing is.

    A blank in it is no image's: it is text that somebody replaces.
    """
    unknown = settled(value).unknown if value is not None else None
    if unknown is None:
        text = text_of(value)
        return None if " " in text.strip() else text
    start = unknown.parts[0] if unknown.parts else ""
    return start if isinstance(start, str) and "/" in start else None


def _image_unknown(template: PodTemplate, images: list[str | None]) -> Unknown:
    """Why nobody can tell whether the images are those of known infrastructure."""
    at = images.index(None)
    image = template.containers[at][1].get("image")
    unknown = settled(image).unknown if image is not None else None
    if unknown is not None:
        return unknown._replace(possible=None, parts=())
    span = image.span if image is not None else None
    why = "which image it runs is filled in before use"
    return Unknown("placeholder", why, text_of(image), span=span)


def address_of(estate: Estate, manifest: Manifest) -> str:
    """The object's address; a second object of that address has its root or file too."""
    namespace = manifest.namespace or "default"
    address = manifest.address or f"{manifest.kind}/{namespace}/{manifest.name}"
    taken = estate.find("workload", address)
    if taken is None:
        return address
    root = manifest.root or manifest.span.path
    return estate.free("workload", f"{root}:{address}")


def lower_container(estate: Estate, pod: Pod, listed: str, container: Value) -> Thing:
    """The container thing with its security context and image."""
    name = container_name(container, listed)
    span = container.entry() if container.key else None
    label = container.get("name")
    span = (label.entry() if label is not None else None) or span or pod.template.span
    address = estate.free("container", f"{pod.workload.address}/{listed}/{name}")
    thing = Thing(
        "container",
        address,
        f"container {name} of {pod.workload.name}",
        span,
        provider="kubernetes",
        root=pod.workload.root,
        library=pod.workload.library,
    )
    estate.add(thing)
    estate.link(pod.workload, "has", thing, span)
    _own, where = container_accelerator(container)
    thing.state("accelerator", pod.accelerator, where or span)
    if pod.infrastructure is not False:
        thing.state("infrastructure", pod.infrastructure, span=span)
    if not pod.template.partial or given(container, "securityContext") is not None:
        _security(thing, pod.template.spec, container, span)
    image = given(container, "image")
    if image is not None:
        state_image(thing, settled(image))
    return thing


def container_name(container: Value, listed: str) -> str:
    """The container's name; where it has none, the list it stands in."""
    return text_of(container.get("name")) or listed


def _security(thing: Thing, spec: Value, container: Value, span: Span) -> None:
    context = given(container, "securityContext")
    pod = given(spec, "securityContext")
    whole = context.unknown if context is not None else None
    if whole is not None and context is not None:
        for fact in ("privileged", "privilege_escalation", "run_as_root"):
            put(thing, fact, whole, context)
        return
    privileged = given(context, "privileged")
    put_bool(thing, "privileged", privileged, default=False, words=_OFF, header=span)
    put_bool(
        thing,
        "privilege_escalation",
        given(context, "allowPrivilegeEscalation"),
        default=True,
        words=_ESCALATION,
        header=span,
    )
    _capabilities(thing, given(context, "capabilities", "add"))
    _user(thing, context, pod)
    _seccomp(thing, context, pod)


def _capabilities(thing: Thing, added: Value | None) -> None:
    if added is None:
        return
    if isinstance(added.data, Unknown):
        put(thing, "capabilities.added", added.data, added)
        return
    names: list[str] = []
    for element in added.elements():
        text = settled(element).text()
        if isinstance(text, Unknown):
            put(thing, "capabilities.added", text, added)
            return
        if text:
            names.append(text.strip().upper().removeprefix("CAP_"))
    put(thing, "capabilities.added", tuple(names), added)


def _user(thing: Thing, context: Value | None, pod: Value | None) -> None:
    """`runAsUser` decides, the container's before the pod's.

    `runAsNonRoot: false` says nothing: the image may well name another user.
    """
    user = given(context, "runAsUser") or given(pod, "runAsUser")
    if user is not None:
        number = settled(user).integer()
        if number is not None:
            root = number if isinstance(number, Unknown) else number == 0
            put(thing, "run_as_root", root, user)
        return
    never = given(context, "runAsNonRoot") or given(pod, "runAsNonRoot")
    if never is not None and settled(never).boolean() is True:
        put(thing, "run_as_root", False, never)  # noqa: FBT003


def _seccomp(thing: Thing, context: Value | None, pod: Value | None) -> None:
    profile = given(context, "seccompProfile", "type") or given(
        pod, "seccompProfile", "type"
    )
    if profile is not None:
        text = settled(profile).text()
        if text is not None:
            free = text if isinstance(text, Unknown) else text.strip() == "Unconfined"
            put(thing, "seccomp.unconfined", free, profile)
