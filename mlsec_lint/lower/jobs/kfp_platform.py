"""The platform document of a compiled pipeline: what its executors' pods are given.

Fields from kubeflow/pipelines `kubernetes_executor_config.proto` (kfp-kubernetes 2.14),
read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.script_job import mount_thing
from mlsec_lint.lower.kubernetes.place import selected_places
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import Found, credential_name, state_secret
from mlsec_lint.lower.stores import Named
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.value import Value

#: Node labels that say that a machine has accelerators.
_LABELS = ("gke-accelerator", "gke-tpu", "nvidia.com/gpu", "amd.com/gpu", "accelerator")
_FROM = ("secretAsEnv", "configMapAsEnv")


def platform_variables(
    estate: Estate, holder: Thing, extra: Value | None
) -> Iterator[tuple[str, Value]]:
    """Variables that secrets and config maps bring in; their values are not in the file.

    A credential among them is named, not in plain text.
    """
    for source in _FROM:
        for entry in _elements(given(extra, source)):
            for pair in _elements(given(entry, "keyToEnv")):
                variable = given(pair, "envVar")
                name = text_of(variable)
                span = variable.entry() if variable is not None else None
                if variable is None or not name or span is None:
                    continue
                kind = credential_name(name) if source == "secretAsEnv" else ""
                if kind:
                    found = Found(kind, False, span)  # noqa: FBT003
                    state_secret(estate, holder, found, holder.address, name)
                why = f"{name} comes from an object of the cluster"
                unknown = Unknown("environment", why, name, span=span)
                yield name, variable.replace(data=unknown)


def platform_context(holder: Thing, extra: Value | None) -> None:
    """The user that a container runs as, where the platform document says it."""
    user = given(extra, "securityContext", "runAsUser")
    if user is None:
        return
    text = settled(user).text()
    root = text if isinstance(text, Unknown) else text == "0"
    holder.state("run_as_root", root, user.entry() or holder.span)


def accelerator_label(extra: Value | None) -> Value | None:
    """The label of nodes with accelerators that an executor asks for."""
    labels = given(extra, "nodeSelector", "labels")
    for name, value in labels.items() if labels is not None else ():
        if any(word in name for word in _LABELS):
            return value
    return None


def platform_mounts(
    estate: Estate, workload: Thing, extra: Value | None
) -> Iterator[Mounted]:
    """What is mounted into an executor: claims, and volumes that end with it."""
    yield from _claims(estate, workload, extra)
    for entry in _elements(given(extra, "secretAsVolume")):
        yield from _secret_volume(estate, workload, entry)
    for entry in _elements(given(extra, "emptyDirMounts")):
        memory = text_of(given(entry, "medium")).lower() == "memory"
        kind = "empty-memory" if memory else "empty-disk"
        yield from _own(estate, workload, entry, kind)
    for entry in _elements(given(extra, "genericEphemeralVolume")):
        yield from _own(estate, workload, entry, "block")


def _secret_volume(estate: Estate, workload: Thing, entry: Value) -> Iterator[Mounted]:
    """A Secret mounted into an executor, which carries the credential it is called by."""
    name = given(entry, "secretName") or given(
        entry, "secretNameParameter", "runtimeValue", "constant"
    )
    text = text_of(name)
    for mounted in _own(estate, workload, entry, "config"):
        span = name.entry() if name is not None else None
        if text and span is not None and mounted.mount is not None:
            mounted.mount.state("secrets", (text,), span)
            found = Found(credential_name(text) or "token", plain=False, span=span)
            state_secret(estate, workload, found, workload.address, text)
        yield mounted


def platform_place(workload: Thing, extra: Value | None) -> None:
    """The places that an executor's node selector holds it to, where labels tell."""
    labels = given(extra, "nodeSelector", "labels")
    if labels is not None:
        selected_places(workload, labels.replace(data={"nodeSelector": labels}))


def _own(estate: Estate, workload: Thing, entry: Value, kind: str) -> Iterator[Mounted]:
    where = given(entry, "mountPath")
    path = text_of(where)
    if where is None or not path.startswith("/"):
        return
    span = where.entry() or workload.span
    mount = mount_thing(estate, workload, path, kind, span, None)
    yield Mounted(path.rstrip("/") or "/", mount, ())


def _elements(value: Value | None) -> tuple[Value, ...]:
    return value.elements() if value is not None else ()


def _claims(estate: Estate, workload: Thing, extra: Value | None) -> Iterator[Mounted]:
    """Claims mounted into an executor; one that a task makes has no name yet."""
    for entry in _elements(given(extra, "pvcMount")):
        where = given(entry, "mountPath")
        name = given(entry, "constant") or given(
            entry, "pvcNameParameter", "runtimeValue", "constant"
        )
        name = name if name is not None else given(entry, "pvcName")
        path = text_of(where)
        if where is None or not path.startswith("/"):
            continue
        span = where.entry() or workload.span
        task = given(entry, "taskOutputParameter", "producerTask")
        label = text_of(name) or text_of(task) or path
        named = _claim(estate, workload, label, entry, declared=name is not None)
        mount = mount_thing(estate, workload, path, "claim", span, named)
        yield Mounted(path.rstrip("/") or "/", mount, (named,))


def _claim(
    estate: Estate, workload: Thing, label: str, entry: Value, *, declared: bool
) -> Named:
    """The only claim of the scan of that name (in which namespace, the run decides)."""
    span = entry.span or workload.span
    known = [
        store
        for store in estate.of("store")
        if store.address.startswith("PersistentVolumeClaim/")
        and store.address.endswith(f"/{label}")
    ]
    if declared and len(known) == 1:
        why = "the namespace of the pipeline's runs is not known"
        return Named(known, certain=False, why=why)
    address = f"{span.path}#claim/{label}"
    store = estate.add(Thing("store", address, address, span))
    if not store.facts:
        store.state("type", "claim", span)
        store.state("declared", value=False, span=span)
    return Named([store], certain=True, why="")
