"""Determined experiments. Fields from docs.determined.ai/reference/training/experiment-config-reference, read 2026-11."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.arguments import Setting, flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.datasets import state_datasets
from mlsec_lint.lower.jobs.hugging_face import NESTED
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
from mlsec_lint.lower.jobs.settings import apply_settings, matches
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.secrets import state_field
from mlsec_lint.lower.stores import Named

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_SLOT = "Determined: one slot for each trial unless set"
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
        accelerators = slots is None or state_accelerator(workload, slots)
        if slots is None:
            workload.state("accelerator", value=True, default=_SLOT)
        image = given(job, "environment", "image")
        added = given(job, "environment", "add_capabilities")
        for chosen in _images(image):
            where = chosen.entry() or chosen.span
            container = job_container(estate, workload, "trial", where)
            state_image(container, chosen)
            if added is not None and added.elements():
                names = (text_of(e).upper() for e in added.elements())
                known = tuple(name.removeprefix("CAP_") for name in names)
                container.state("capabilities.added", known, added.entry())
        environment_block = given(job, "environment")
        environment = (
            variables(estate, workload, environment_block, ("environment_variables",))
            if environment_block is not None
            else {}
        )
        mounted = _binds(estate, workload, job)
        scene = job_scene(estate, workload, environment, mounted, accelerators, configs)
        _checkpoints(scene, given(job, "checkpoint_storage"))
        _data(scene, given(job, "data"))
        _credentials(estate, workload, job)
        _hyperparameters(scene, given(job, "hyperparameters"), environment)
        runner = Runner(scene)
        entrypoint = given(job, "entrypoint")
        if entrypoint is not None and entrypoint.elements():
            runner.command(entrypoint.elements(), environment)
        elif entrypoint is not None and (source := script_source(entrypoint)):
            runner.script(source, environment)
        runner.finish()


def _data(scene: Scene, block: Value | None) -> None:
    """`data` is the experiment's own: whatever URI stands in it is one of data sets."""
    settings = flatten(block) if block is not None else []
    state_datasets(scene, [s._replace(name=f"data.{s.name}.uri") for s in settings])


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
    if kind == "azure":
        _azure(scene, storage, words)
        return
    for field in ("host_path", "container_path"):
        path = given(storage, field)
        if path is not None and path.span is not None:
            span = path.entry() or path.span
            inner = text_of(given(storage, "storage_path"))
            if inner and isinstance(path.data, str):
                path = path.replace(data=posixpath.join(path.data, inner))
            scene.weights_at(path, "writes", words, span, None)
            return


def _azure(scene: Scene, storage: Value | None, words: str) -> None:
    """A container of the account that a URL names; else one of an account not said."""
    container, url = given(storage, "container"), given(storage, "account_url")
    if container is None or container.span is None:
        return
    span = container.entry() or container.span
    account = text_of(url).rstrip("/")
    name = text_of(container)
    if account and name:
        place = container.replace(data=f"{account}/{name}")
        scene.weights_at(place, "writes", words, span, None)
        return
    for thing in (scene.workload, scene.holder):
        said = f"{scene.workload.name} {words}"
        thing.holds_weights("referenced", said, span)


#: Fields that hold a credential, with the sort of it.
_SECRETS = (
    (("checkpoint_storage", "connection_string"), "azure-account-key"),
    (("checkpoint_storage", "credential"), "azure-account-key"),
    (("checkpoint_storage", "secret_key"), "aws-secret-key"),
    (("environment", "registry_auth", "password"), "password"),
)


def _credentials(estate: Estate, workload: Thing, job: Value) -> None:
    for path, sort in _SECRETS:
        state_field(estate, workload, given(job, *path), sort, ".".join(path))


def _hyperparameters(
    scene: Scene, block: Value | None, environment: dict[str, Value]
) -> None:
    """What a trial is given: names of models and data, as its program calls them."""
    settings = flatten(block) if block is not None else []
    if any(is_telling(setting) for setting in settings):
        span = settings[0].span
        program = scene.program("determined", span)
        apply_settings(scene, program, NESTED, settings, environment)


def is_telling(setting: Setting) -> bool:
    """Whether a hyperparameter names weights, a hub or code: most are numbers."""
    known = NESTED.reads | NESTED.push | NESTED.repository | NESTED.trust
    return matches(setting, known)


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
