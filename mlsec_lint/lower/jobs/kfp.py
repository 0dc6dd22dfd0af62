"""Kubeflow Pipelines: compiled pipelines (IR YAML), with their platform document.

Fields from kubeflow/pipelines `pipeline_spec.proto` and `kubernetes_executor_config.proto`
(SDK 2.14), read 2026-11. Each executor runs as a pod of its own. Values that a run's
parameters give stay unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.inline_python import python_program
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.kfp_platform import (
    accelerator_label,
    platform_context,
    platform_mounts,
    platform_place,
    platform_variables,
)
from mlsec_lint.lower.jobs.managed_jobs import custom_jobs, vertex_job
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
)
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import referred_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

_MODELS = frozenset(
    {"system.Model", "google.VertexModel", "google.UnmanagedContainerModel"}
)
_MAX_EXECUTORS = 500
_MAX_FIRST = 50
_NEAR = 3  # documents behind a pipeline in which its platform is looked for


def is_pipeline(value: Value) -> bool:
    """`pipelineInfo` and `deploymentSpec`."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return {"pipelineInfo", "deploymentSpec"} <= keys


def is_platform(value: Value) -> bool:
    """The second document of a compiled pipeline: `platforms` with a deployment."""
    return given(value, "platforms", "kubernetes", "deploymentSpec") is not None


def lower_kfp(inputs: Inputs, estate: Estate) -> None:
    """Lower compiled pipelines: each executor a workload, importers and the root read."""
    configs = Configs(inputs)
    places = {id(document): at for at, (_, document) in enumerate(inputs.documents)}
    for path, document in list(unclaimed(inputs, is_pipeline, "kfp")):
        platform = _platform(inputs, path, places[id(document)])
        root = document.value
        executors = given(root, "deploymentSpec", "executors")
        listed = list(executors.items()) if executors is not None else []
        pipeline = _pipeline(estate, path, document)
        for name, executor in listed[:_MAX_EXECUTORS]:
            container = given(executor, "container")
            if container is not None:
                extra = given(platform, name)
                _executor(estate, path, document, name, container, extra, configs)
            uri = given(executor, "importer", "artifactUri")
            if uri is not None:
                _imported(pipeline, executor, uri)
        for name, spec in custom_jobs(root):
            vertex_job(estate, path, document, (name, spec), configs)


def _platform(inputs: Inputs, path: str, position: int) -> Value | None:
    """The executors of the platform document behind a pipeline in its file."""
    for other_path, other in inputs.documents[position + 1 : position + 1 + _NEAR]:
        if other_path != path or is_pipeline(other.value):
            return None
        if is_platform(other.value):
            inputs.claimed.add(id(other))
            names = ("platforms", "kubernetes", "deploymentSpec", "executors")
            return given(other.value, *names)
    return None


# -- the pipeline as a whole ----------------------------------------------------


def _pipeline(estate: Estate, path: str, document: Document) -> Scene:
    """The pipeline itself: what it keeps under its root, what it imports."""
    root = document.value
    name = text_of(given(root, "pipelineInfo", "name"))
    workload = job_workload(estate, path, document, "kfp", name, kind="pipeline")
    scene = Scene(estate, workload, workload, {})
    kept = given(root, "defaultPipelineRoot")
    model = next(_models(root), "")
    if kept is None or kept.span is None:
        return scene
    span = kept.entry() or kept.span
    if model:
        words = f"keeps the model {model} under its root"
        scene.weights_at(settled(kept, loose=True), "writes", words, span, None)
    else:
        named = referred_store(estate, settled(kept, loose=True))
        if named is not None:
            scene.link(named, "writes", "keeps its artifacts", span, None)
    return scene


def _models(root: Value) -> Iterator[str]:
    """Names of the models that components of a pipeline put out."""
    components = given(root, "components")
    for _, component in components.items() if components is not None else ():
        artifacts = given(component, "outputDefinitions", "artifacts")
        for name, artifact in artifacts.items() if artifacts is not None else ():
            schema = text_of(given(artifact, "artifactType", "schemaTitle"))
            if schema in _MODELS:
                yield name


def _imported(scene: Scene, executor: Value, uri: Value) -> None:
    """An importer: a model by its type or its name, else data."""
    constant = given(uri, "constant") or given(uri, "constantValue", "stringValue")
    if constant is None or constant.span is None:
        return  # a parameter of the run
    span = constant.entry() or constant.span
    schema = text_of(given(executor, "importer", "typeSchema", "schemaTitle"))
    place = settled(constant, loose=True)
    if schema in _MODELS or speaks_of_weights(text_of(constant)):
        scene.weights_at(place, "reads", "imports a model", span, None)
        return
    named = referred_store(scene.estate, place)
    for store in named.stores if named is not None else ():
        assert named is not None
        scene.estate.link(
            scene.workload, "takes data from", store, span, certain=named.certain
        )


# -- executors ------------------------------------------------------------------


def _executor(
    estate: Estate,
    path: str,
    document: Document,
    name: str,
    container: Value,
    extra: Value | None,
    configs: Configs,
) -> None:
    workload = job_workload(estate, path, document, "kfp", name, kind="pipeline")
    workload.span = container.key or workload.span
    resources = given(container, "resources", "accelerator")
    count = given(resources, "count") or given(resources, "resourceCount")
    asked = count if count is not None else given(resources, "type")
    chosen = accelerator_label(extra) if asked is None else None
    asks = state_accelerator(workload, asked if asked is not None else chosen)
    holder = job_container(estate, workload, "main", workload.span)
    image = given(container, "image")
    if image is not None:
        state_image(holder, image)
    environment = _environment(estate, holder, container)
    for name, value in platform_variables(estate, holder, extra):
        environment.setdefault(name, value)
    platform_context(holder, extra)
    platform_place(workload, extra)
    mounted = list(platform_mounts(estate, workload, extra))
    scene = job_scene(estate, workload, environment, mounted, asks, configs, holder)
    runner = Runner(scene)
    words = [
        word
        for field in ("command", "args")
        for word in _elements(given(container, field))
    ]
    for word in words:
        source = script_source(word) if _is_component(word) else None
        if source is not None:
            python_program(scene, source, environment, branch=False)
    runner.command(words, environment)
    runner.ambient(environment, workload.span)
    runner.finish()
    for number, first in enumerate(
        _elements(given(extra, "initContainers"))[:_MAX_FIRST]
    ):
        _before(scene, first, number)


def _before(scene: Scene, container: Value, number: int) -> None:
    """A container that runs before an executor's own."""
    image = given(container, "image")
    span = image.entry() if image is not None else None
    holder = job_container(scene.estate, scene.workload, f"init{number}", span)
    if image is not None:
        state_image(holder, image)
    own = replace(
        scene,
        holder=holder,
        environment=_environment(scene.estate, holder, container),
    )
    runner = Runner(own)
    parts = (given(container, "command"), given(container, "args"))
    words = [settled(word) for part in parts for word in _elements(part)]
    if given(container, "command") is not None:
        runner.command(words, own.environment)
    runner.finish()


def _elements(value: Value | None) -> tuple[Value, ...]:
    return value.elements() if value is not None else ()


def _is_component(word: Value) -> bool:
    """Whether a word is the source of a component that was a Python function."""
    text = word.data
    return isinstance(text, str) and "\ndef " in text and "import" in text


def _environment(estate: Estate, holder: Thing, container: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for entry in _elements(given(container, "env")):
        name, value = text_of(entry.get("name")), given(entry, "value")
        if not name or value is None:
            continue
        found[name] = settled(value)
        secret = secret_under(name, found[name])
        if secret is not None and value.data != "":
            state_secret(estate, holder, secret, holder.address, name)
    return found
