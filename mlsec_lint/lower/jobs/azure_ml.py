"""Azure ML CLI v2 files: jobs, pipelines, components, deployments, datastores.

Fields from learn.microsoft.com/azure/machine-learning/reference-yaml-overview, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import job_container, job_scene, variables
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import azure_container, named_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

#: Where the schemas of CLI v2 lie, and lay in its preview.
_SCHEMAS = (
    "azuremlschemas.azureedge.net",
    "azuremlsdk2.blob.core.windows.net",
    "azureml/sdk-2-0",
)
#: What says, beside the type, that a file without a schema is a job of Azure ML.
_TYPES = frozenset(
    {"command", "pipeline", "sweep", "automl", "finetuning", "distillation", "spark"}
)
_JOB_KEYS = ("experiment_name", "compute", "training_data", "student_model", "trial")
#: The same for a deployment, whose file has no type.
_DEPLOYMENT_KEYS = ("model", "code_configuration", "instance_type", "environment")
#: A file that has one of these runs something.
_WORK = (
    "command",
    "environment",
    "model",
    "trial",
    "training_data",
    "student_model",
)
_MODEL_TYPES = frozenset({"custom_model", "mlflow_model", "triton_model"})
#: Types of applications beside a job that give a shell, without underscores.
_SHELLS = frozenset({"ssh", "vscode", "jupyterlab", "jupyter"})
_MAX_JOBS = 500


def is_azure_ml(value: Value) -> bool:
    """A `$schema` of Azure ML; without one, the keys of its jobs or deployments."""
    schema = text_of(value.get("$schema"))
    if schema:
        return any(place in schema for place in _SCHEMAS)
    if text_of(value.get("type")) in _TYPES:
        return _count(value, _JOB_KEYS) >= 2
    named = value.get("endpoint_name") is not None
    return named and _count(value, _DEPLOYMENT_KEYS) >= 2


def _count(value: Value, keys: tuple[str, ...]) -> int:
    return sum(1 for key in keys if value.get(key) is not None)


def lower_azure_ml(inputs: Inputs, estate: Estate) -> None:
    """Lower Azure ML files; the schema says what a file is."""
    configs = Configs(inputs)
    documents = list(unclaimed(inputs, is_azure_ml, "azure-ml"))
    for _, document in documents:  # datastores first: jobs name them
        _datastore(estate, document)
    for path, document in documents:
        for label, job in _jobs(document.value):
            _job(estate, path, document, label, job, configs)


def _datastore(estate: Estate, document: Document) -> None:
    """A datastore: the container behind `azureml://datastores/NAME`, and its keys."""
    root = document.value
    name, account = text_of(root.get("name")), text_of(root.get("account_name"))
    container = text_of(root.get("container_name")) or text_of(root.get("filesystem"))
    if not name or not account:
        return
    entry = given(root, "account_name")
    span = (entry.entry() if entry is not None else None) or document.span
    if container:
        named = named_store(estate, azure_container(account, container), span, "azure")
        for store in named.stores:
            estate.call(store, f"azureml://datastores/{name}")
    credentials = given(root, "credentials")
    for key, value in credentials.items() if credentials is not None else ():
        found = secret_under(key, value)
        if found is not None:
            address = f"{span.path}#{name}"
            state_secret(estate, None, found, address, key)


def _jobs(root: Value) -> Iterator[tuple[str, Value]]:
    """The file's own job, else the steps of a pipeline that hold commands."""
    name = text_of(root.get("name")) or text_of(root.get("display_name"))
    jobs = given(root, "jobs")
    if jobs is not None:
        for count, (label, step) in enumerate(jobs.items()):
            if count < _MAX_JOBS and isinstance(step.data, dict):
                yield label, step
        return
    if any(root.get(k) is not None for k in _WORK):
        yield name, root


def _job(
    estate: Estate,
    path: str,
    document: Document,
    label: str,
    job: Value,
    configs: Configs,
) -> None:
    workload = job_workload(estate, path, document, "azure-ml", label)
    workload.span = job.key or workload.span
    _compute(estate, workload, given(job, "compute"))
    inner = (
        given(job, "component") if isinstance(_data(job, "component"), dict) else None
    )
    job = given(job, "trial") or inner or job
    environment = variables(estate, workload, job, ("environment_variables",))
    resources = given(job, "resources")
    scene = job_scene(
        estate,
        workload,
        environment,
        [],
        _accelerated(job, resources),
        configs,
    )
    workload.state("accelerator", scene.accelerator)
    image = given(job, "environment", "image")
    if image is not None:
        state_image(job_container(estate, workload, "job", image.entry()), image)
    _services(workload, job)
    _ports(scene, job)
    runner = Runner(scene)
    command = given(job, "command")
    source = script_source(command) if command is not None else None
    if source is not None:
        runner.script(source, scene.environment)
    runner.finish()


def _compute(estate: Estate, workload: Thing, value: Value | None) -> None:
    """The compute that a job asks for, where the scan declares one of that name."""
    text = value.text() if value is not None else None
    if value is None or not isinstance(text, str):
        return
    name = text.removeprefix("azureml:").strip().lower()
    found = estate.named(f"azureml-compute:{name}", "workload")
    for thing in found:
        why = "" if len(found) == 1 else f"{len(found)} computes are called {name}"
        span = value.entry() or workload.span
        estate.link(workload, "is run by", thing, span, certain=not why, why=why)


def _data(job: Value, name: str) -> object:
    value = given(job, name)
    return value.data if value is not None else None


def _accelerated(job: Value, resources: Value | None) -> bool:
    """A GPU machine type or a cluster that is called so; Azure names both freely."""
    words = [
        text_of(given(job, "compute")),
        text_of(given(resources, "instance_type")),
        text_of(given(job, "instance_type")),
    ]
    return any("gpu" in w.lower() or "standard_n" in w.lower() for w in words)


def _services(workload: Thing, job: Value) -> None:
    """Applications beside a job (`services`): those in which people work."""
    services = given(job, "services") or given(job, "interactive_services")
    for _, service in services.items() if services is not None else ():
        kind = given(service, "type") or given(service, "job_service_type")
        if kind is None:
            continue
        span = kind.entry() or workload.span
        unknown = settled(kind).unknown
        if unknown is not None:
            truth = unknown._replace(possible=None, parts=())
            workload.also("session.enabled", truth, span)
        elif text_of(kind).lower().replace("_", "") in _SHELLS:
            workload.also("session.enabled", value=True, span=span, trail=kind.trail)


def _ports(scene: Scene, job: Value) -> None:
    """Inputs and outputs: paths behind `${{inputs.x}}`, models among them."""
    base = given(job, "model", "path")  # of a fine-tuning job
    if base is not None and base.span is not None:
        span = base.entry() or base.span
        scene.weights_at(base, "reads", "starts from the model", span, None)
    for side, verb in (("inputs", "reads"), ("outputs", "writes")):
        listed = given(job, side)
        for name, port in listed.items() if listed is not None else ():
            path = given(port, "path") if isinstance(port.data, dict) else port
            if path is None or isinstance(path.data, dict) or path.span is None:
                continue
            scene.environment[f"{side}.{name}"] = path
            kind = text_of(given(port, "type")) if isinstance(port.data, dict) else ""
            if kind in _MODEL_TYPES:
                words = f"{verb} the model {name}"
                span = path.entry() or path.span
                scene.weights_at(path, verb, words, span, None)
