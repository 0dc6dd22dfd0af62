"""Determined experiments. Fields from docs.determined.ai/reference/training/experiment-config-reference, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    mount_thing,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.stores import Named

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_SCHEMES = {"s3": "s3", "gcs": "gs"}


def is_determined(value: Value) -> bool:
    """A searcher with an entrypoint or resources."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return "searcher" in keys and bool(
        keys & {"entrypoint", "resources", "checkpoint_storage"}
    )


def lower_determined(inputs: Inputs, estate: Estate) -> None:
    """Lower Determined experiments: checkpoint storage, bind mounts, entrypoint."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_determined, "determined"):
        job = document.value
        name = text_of(given(job, "name"))
        workload = job_workload(estate, path, document, "determined", name)
        slots = given(job, "resources", "slots_per_trial") or given(
            job, "resources", "slots"
        )
        accelerators = state_accelerator(workload, slots)
        image = given(job, "environment", "image")
        for chosen in _images(image):
            where = chosen.entry() or chosen.span
            state_image(job_container(estate, workload, "trial", where), chosen)
        environment_block = given(job, "environment")
        environment = (
            variables(estate, workload, environment_block, ("environment_variables",))
            if environment_block is not None
            else {}
        )
        mounted = _binds(estate, workload, job)
        scene = job_scene(estate, workload, environment, mounted, accelerators, configs)
        _checkpoints(scene, given(job, "checkpoint_storage"))
        runner = Runner(scene)
        entrypoint = given(job, "entrypoint")
        if entrypoint is not None and entrypoint.elements():
            runner.command(entrypoint.elements(), environment)
        elif entrypoint is not None and (source := script_source(entrypoint)):
            runner.script(source, environment)
        runner.finish()


def _images(image: Value | None) -> list[Value]:
    """One image, or one for each of `cpu` and `cuda`."""
    if image is None:
        return []
    if isinstance(image.data, dict):
        return [value for _, value in image.items()]
    return [image]


def _checkpoints(scene: Scene, storage: Value | None) -> None:
    kind = text_of(given(storage, "type"))
    words = "keeps checkpoints in its checkpoint_storage"
    if kind in _SCHEMES:
        bucket = given(storage, "bucket")
        if bucket is not None and bucket.span is not None:
            text = bucket.text()
            uri = bucket
            if isinstance(text, str):
                uri = bucket.replace(data=f"{_SCHEMES[kind]}://{text}")
            scene.weights_at(uri, "writes", words, bucket.entry() or bucket.span, None)
    for field in ("host_path", "container_path"):
        path = given(storage, field)
        if path is not None and path.span is not None:
            span = path.entry() or path.span
            scene.weights_at(path, "writes", words, span, None)
            return


def _binds(estate: Estate, workload: Thing, job: Value) -> list[Mounted]:
    found: list[Mounted] = []
    listed = given(job, "bind_mounts")
    for bind in listed.elements() if listed is not None else ():
        host, inner = (
            text_of(bind.get("host_path")),
            text_of(bind.get("container_path")),
        )
        if host.startswith("/") and inner:
            span = bind.span or workload.span
            found.append(host_mount(estate, workload, host, inner, span))
    return found


def host_mount(
    estate: Estate, workload: Thing, host: str, inner: str, span: Span
) -> Mounted:
    """A folder of the node mounted into a job."""
    address = f"hostPath:{normal_path(host)}"
    store = estate.find("store", address)
    if store is None:
        store = estate.add(Thing("store", address, address, span))
        store.state("type", "node-disk", span)
        store.state("declared", value=False, span=span)
        store.state("path", normal_path(host), span)
    named = Named([store], certain=True, why="")
    mount = mount_thing(estate, workload, inner, "host", span, named)
    mount.state("host.path", normal_path(host), span)
    mount.state("host.sensitive", sensitive(host), span)
    return Mounted(inner.rstrip("/") or "/", mount, (named,))
