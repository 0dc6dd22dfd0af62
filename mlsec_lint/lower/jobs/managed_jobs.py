"""Jobs that are handed to Vertex AI as a file.

Vertex: `CustomJobSpec` (YAML of `gcloud ai custom-jobs create --config`) and `CustomJob`
(JSON of the API), cloud.google.com/vertex-ai/docs/reference/rest/v1/CustomJobSpec.
Read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.job_keys import vertex_key
from mlsec_lint.lower.jobs.job_networks import lie_in_service, vertex_network
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.sagemaker import runs_as, session
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.parse.document import Document

_CAPITAL = regex(r"(?<=[a-z0-9])([A-Z])")
#: Machine types with accelerators: SageMaker's and Google's own names, 2026-11.
_AMAZON_GPU = regex(r"ml\.(?:p\d|g\d|trn|inf|dl)")
_GOOGLE_GPU = regex(r"(?:a2|a3|a4|a4x|g2|g4|ct\w+|cloud-tpu|tpu)-|cloud-tpu")


# -- Vertex AI ------------------------------------------------------------------


def _field(value: Value | None, name: str) -> Value | None:
    """A field of the API, in its JSON spelling or in that of Python's client."""
    found = given(value, name)
    if found is not None:
        return found
    return given(value, _CAPITAL.sub(lambda m: f"_{m[1].lower()}", name))


def _job_spec(root: Value) -> Value | None:
    """The part of a Vertex job that has the worker pools."""
    for spec in (root, _field(root, "jobSpec"), _field(root, "trialJobSpec")):
        pools = _field(spec, "workerPoolSpecs")
        if pools is not None and any(
            _field(pool, "machineSpec") is not None
            or _field(pool, "containerSpec") is not None
            for pool in pools.elements()
        ):
            return spec
    return None


def is_vertex_job(value: Value) -> bool:
    """Worker pools with machines or containers."""
    return isinstance(value.data, dict) and _job_spec(value) is not None


def lower_vertex_jobs(inputs: Inputs, estate: Estate) -> None:
    """Lower Vertex AI custom jobs: each worker pool's image, command and environment."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_vertex_job, "vertex"):
        spec = _job_spec(document.value)
        assert spec is not None
        name = text_of(_field(document.value, "displayName"))
        vertex_job(estate, path, document, (name, spec), configs)


def vertex_job(
    estate: Estate,
    path: str,
    document: Document,
    named: tuple[str, Value],
    configs: Configs,
) -> None:
    """State a custom job by its name and the part of it that has the worker pools."""
    name, spec = named
    workload = job_workload(estate, path, document, "vertex", name, kind="managed")
    pools = _field(spec, "workerPoolSpecs")
    elements = pools.elements() if pools is not None else ()
    machine = next((m for pool in elements if (m := _google_gpu(pool))), None)
    accelerator = _accelerated(workload, machine)
    vertex_network(
        workload, _field(spec, "network"), _field(spec, "pscInterfaceConfig")
    )
    lie_in_service(estate, workload)
    runs_as(estate, workload, _field(spec, "serviceAccount"), "serviceAccount:")
    for switch in ("enableWebAccess", "enableDashboardAccess"):
        session(workload, _field(spec, switch))
    output = _field(_field(spec, "baseOutputDirectory"), "outputUriPrefix")
    for number, pool in enumerate(elements[:100]):
        environment, holder = _pool(estate, workload, pool, number)
        scene = job_scene(
            estate, workload, environment, [], accelerator, configs, holder
        )
        if number == 0 and output is not None:
            _weights(scene, output, "writes", "keeps models in its output directory")
        _command(Runner(scene), pool, environment)
    holder_of_key = spec if given(spec, _OF_PIPELINE) is not None else document.value
    if spec is not document.value:  # the API's job; a config of gcloud has no key
        seal = _field(_field(holder_of_key, "encryptionSpec"), "kmsKeyName")
        vertex_key(estate, workload, seal)


def _accelerated(workload: Thing, machine: Value | None) -> bool:
    """State whether a machine has accelerators; unknown where a parameter decides."""
    where = (machine.entry() if machine is not None else None) or workload.span
    unknown = settled(machine).unknown if machine is not None else None
    if unknown is not None:
        doubt = unknown._replace(possible=None, parts=())
        workload.state("accelerator", doubt, where)
        return False
    workload.state("accelerator", machine is not None, where)
    return machine is not None


def _google_gpu(pool: Value) -> Value | None:
    machine = _field(pool, "machineSpec")
    kind = _field(machine, "acceleratorType")
    if kind is not None and "UNSPECIFIED" not in text_of(kind):
        return kind
    name = _field(machine, "machineType")
    return name if _GOOGLE_GPU.match(text_of(name)) else None


def _pool(
    estate: Estate, workload: Thing, pool: Value, number: int
) -> tuple[dict[str, Value], Thing]:
    spec = _field(pool, "containerSpec") or _field(pool, "pythonPackageSpec")
    image = _field(spec, "imageUri") or _field(spec, "executorImageUri")
    span = (image.entry() if image is not None else None) or pool.span
    holder = job_container(estate, workload, f"pool{number}", span)
    if image is not None:
        state_image(holder, image)
    environment: dict[str, Value] = {}
    listed = _field(spec, "env")
    for entry in listed.elements() if listed is not None else ():
        name, value = text_of(entry.get("name")), given(entry, "value")
        if name and value is not None:
            environment[name] = settled(value)
            secret = secret_under(name, environment[name])
            if secret is not None and value.data != "":
                state_secret(estate, holder, secret, holder.address, name)
    return environment, holder


def _command(runner: Runner, pool: Value, environment: dict[str, Value]) -> None:
    spec = _field(pool, "containerSpec") or _field(pool, "pythonPackageSpec")
    words = [
        settled(word)
        for field in ("command", "args")
        for word in (_elements(_field(spec, field)))
    ]
    if _field(spec, "command") is not None:
        runner.command(words, environment)
    elif words:
        runner.bare_arguments(words, environment, "")
    runner.ambient(environment, runner.scene.holder.span)
    runner.finish()


def _elements(value: Value | None) -> tuple[Value, ...]:
    return value.elements() if value is not None else ()


def _weights(scene: Scene, value: Value, verb: str, words: str) -> None:
    span = value.entry() or value.span
    if span is not None and value.data != "":
        scene.weights_at(settled(value, loose=True), verb, words, span, None)


# -- custom jobs that a compiled pipeline starts ----------------------------------

_OF_PIPELINE = "pipelineTask"
_MAX_TASKS = 500
#: Parameters of google-cloud-pipeline-components' custom job -> fields of the API.
_PARAMETERS = {
    "worker_pool_specs": ("workerPoolSpecs",),
    "service_account": ("serviceAccount",),
    "network": ("network",),
    "enable_web_access": ("enableWebAccess",),
    "base_output_directory": ("baseOutputDirectory", "outputUriPrefix"),
    "encryption_spec_key_name": ("encryptionSpec", "kmsKeyName"),
}


def custom_jobs(root: Value) -> Iterator[tuple[str, Value]]:
    """Tasks of a pipeline that start a custom job, as the job's own fields.

    What a run's parameters give is left out, as if nobody had said it.
    """
    components = given(root, "components")
    graphs = [c for _, c in components.items()] if components is not None else []
    top = given(root, "root")
    count = 0
    for graph in (*((top,) if top is not None else ()), *graphs):
        tasks = given(graph, "dag", "tasks")
        for name, task in tasks.items() if tasks is not None else ():
            count += 1
            if count > _MAX_TASKS:
                return
            spec = _of_task(given(task, "inputs", "parameters"))
            if spec is not None and is_vertex_job(spec):
                yield name, spec


def _of_task(parameters: Value | None) -> Value | None:
    pools = given(parameters, "worker_pool_specs", "runtimeValue", "constant")
    if parameters is None or pools is None:
        return None
    found: dict[str, Value] = {_OF_PIPELINE: pools}
    for name, (field, *inner) in _PARAMETERS.items():
        entry = given(parameters, name)
        value = given(entry, "runtimeValue", "constant")
        if entry is None:
            continue
        if value is None:
            why = f"{name} is given when the pipeline is started"
            unknown = Unknown("environment", why, name, span=entry.span)
            value = entry.replace(data=unknown)
        found[field] = Value({inner[0]: value}, value.span) if inner else value
    return parameters.replace(data=found)
