"""Azure ML CLI v2 files: jobs, pipelines, components and deployments.

Fields from learn.microsoft.com/azure/machine-learning/reference-yaml-overview, read
2026-11. What files set up beside jobs is in azure_ml_places.py and azure_ml_endpoints.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs import azure_ml_places as places
from mlsec_lint.lower.jobs.azure_ml_assets import (
    MODEL_TYPES,
    asset,
    conda_packages,
    curated_image,
    declare_model,
    foreign_component,
    is_curated,
    remote_code,
    uses_model,
)
from mlsec_lint.lower.jobs.azure_ml_endpoints import behind, endpoint
from mlsec_lint.lower.jobs.azure_ml_ports import state_ports, steps
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import header, job_workload, unclaimed
from mlsec_lint.lower.jobs.job_networks import lie_in_service
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import job_container, job_scene, variables
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span

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
    "component",
    "trial",
    "training_data",
    "student_model",
)
#: Types of applications beside a job that give a shell, without underscores.
_SHELLS = frozenset({"ssh", "vscode", "jupyterlab", "jupyter"})
_MAX_JOBS = 500
_MAX_DEPTH = 8
_DATASTORES = (
    "azure_blob",
    "azure_file",
    "azure_data_lake_gen1",
    "azure_data_lake_gen2",
)
#: Keys that only a job or component has, of those that files without a schema share.
_RUNS = ("command", "jobs", "trial", "component", "endpoint_name", "entry")


def is_azure_ml(value: Value) -> bool:
    """A `$schema` of Azure ML; without one, the keys of its jobs or deployments."""
    schema = text_of(value.get("$schema"))
    if schema:
        return any(place in schema for place in _SCHEMAS)
    if text_of(value.get("type")) in _TYPES:
        return _count(value, _JOB_KEYS) >= 2
    if value.get("endpoint_name") is not None:
        return _count(value, _DEPLOYMENT_KEYS) >= 2
    return _set_up(value) != ""


def _count(value: Value, keys: tuple[str, ...]) -> int:
    return sum(1 for key in keys if value.get(key) is not None)


def _set_up(value: Value) -> str:
    """What a file sets up that runs nothing, by two keys of its own; "" for others."""
    kind = text_of(value.get("type"))
    if given(value, "managed_network", "isolation_mode") is not None:
        return "workspace" if value.get("name") is not None else ""
    if kind in places.COMPUTES and value.get("name") is not None:
        return "compute"
    target = value.get("target") is not None and kind != ""
    if given(value, "credentials", "type") is not None and target:
        return "connection"
    if kind in _DATASTORES and _count(value, ("account_name", "store_name")):
        return "datastore"
    listed = given(value, "replication_locations")
    if listed is not None and value.get("location") is not None:
        named = any(given(e, "location") is not None for e in listed.elements())
        return "registry" if named else ""
    return ""


def _kind(root: Value) -> str:
    """What an Azure ML file is: by its keys, then by the last part of its schema."""
    found = _set_up(root)
    if found or _count(root, _RUNS):
        return found or "job"
    stem = text_of(root.get("$schema")).rpartition("/")[2].partition(".")[0].lower()
    kind = text_of(root.get("type"))
    if stem.endswith("endpoint") or root.get("auth_mode") is not None:
        return "endpoint"
    if stem in ("workspace", "model", "environment", "connection"):
        return stem
    if stem in ("hub", "project", "featurestore"):
        return "workspace"
    if stem.startswith("azure") and root.get("account_name") is not None:
        return "datastore"
    if kind in MODEL_TYPES and root.get("path") is not None:
        return "model"
    return "job"


@dataclass(slots=True)
class _Files:
    """The Azure ML files of a scan, and what names in them mean.

    * `around`: the network of the only workspace; None where there is not one;
    * `used`: components that a pipeline of the scan runs, by id;
    * `served`: deployments with their files.
    """

    estate: Estate
    configs: Configs
    environments: dict[str, list[Value]] = field(default_factory=dict)
    components: dict[str, list[tuple[str, Value]]] = field(default_factory=dict)
    around: tuple[bool | Unknown, Span | None] | None = None
    used: set[int] = field(default_factory=set)
    served: list[tuple[Thing, Value]] = field(default_factory=list)


def lower_azure_ml(inputs: Inputs, estate: Estate) -> None:
    """Lower Azure ML files: what they set up first, for jobs name it."""
    documents = list(unclaimed(inputs, is_azure_ml, "azure-ml"))
    files = _Files(estate, Configs(inputs))
    kinds = [(_kind(document.value), path, document) for path, document in documents]
    _prepare(files, kinds)
    jobs = [(path, document) for kind, path, document in kinds if kind == "job"]
    # pipelines first: what they run is no job of its own
    for path, document in sorted(
        jobs, key=lambda job: job[1].value.get("jobs") is None
    ):
        if id(document.value) in files.used:
            continue
        for one in _jobs(files, path, document.value):
            _job(files, document, one)
    behind(estate, files.served)


def _prepare(files: _Files, kinds: list[tuple[str, str, Document]]) -> None:
    estate = files.estate
    workspaces = [document for kind, _, document in kinds if kind == "workspace"]
    for document in workspaces:
        places.workspace(estate, document)
    if len(workspaces) == 1:
        files.around = places.isolation(workspaces[0].value)
    for kind, path, document in kinds:
        root = document.value
        name = text_of(given(root, "name"))
        if kind == "datastore":
            places.datastore(estate, document)
        elif kind == "connection":
            places.credentials(estate, document, name)
        elif kind == "registry":
            places.registry(estate, document)
        elif kind == "compute":
            places.compute(estate, path, document, files.around)
        elif kind == "endpoint":
            endpoint(estate, document)
        elif kind == "model":
            declare_model(estate, root, header(document))
        elif kind == "environment" and name:
            files.environments.setdefault(name, []).append(root)
        elif kind == "job" and name and given(root, "component") is None:
            files.components.setdefault(name, []).append((path, root))


# -- jobs -------------------------------------------------------------------------


@dataclass(slots=True)
class _One:
    """One job: a step with its component, in the pipeline around it.

    `path` is the file that the component (or the job itself) stands in.
    """

    path: str
    label: str
    step: Value
    component: Value | None
    around: Value

    @property
    def work(self) -> Value:
        """Where the command, image and code of the job stand."""
        if self.component is not None:
            return self.component
        trial = given(self.step, "trial")
        return trial if trial is not None else self.step


def _jobs(files: _Files, path: str, root: Value) -> list[_One]:
    """The file's own job, else the steps of a pipeline, of pipelines in it too."""
    name = text_of(root.get("name")) or text_of(root.get("display_name"))
    if given(root, "jobs") is None:
        works = any(root.get(k) is not None for k in _WORK)
        return [_one(files, path, name, root, root)] if works else []
    found: list[_One] = []
    waiting = [(path, "", root, 0)]
    while waiting:
        near, prefix, pipeline, depth = waiting.pop(0)
        for label, step in steps(pipeline):
            if len(found) >= _MAX_JOBS:
                return found
            one = _one(files, near, f"{prefix}{label}", step, pipeline)
            inner = one.component
            if inner is not None and given(inner, "jobs") is not None:
                if depth < _MAX_DEPTH:
                    waiting.append((one.path, f"{one.label}/", inner, depth + 1))
                continue
            found.append(one)
    return found


def _one(files: _Files, path: str, label: str, step: Value, around: Value) -> _One:
    value = given(step, "component")
    if value is None:
        trial = given(step, "trial")
        value = trial if trial is not None and text_of(trial) else None
    if value is None:
        return _One(path, label, step, None, around)
    if isinstance(value.data, dict):
        return _One(path, label, step, value, around)
    where, found = _component(files, path, value)
    if found is not None:
        files.used.add(id(found))
    return _One(where, label, step, found, around)


def _component(files: _Files, near: str, value: Value) -> tuple[str, Value | None]:
    """The file of a component: by its path, or by its name where one file has it."""
    text = text_of(value).removeprefix("file:")
    if text.endswith((".yml", ".yaml")):
        found = files.configs.find(text, near)
        span = found.span if found is not None else None
        return (span.path if span is not None else near), found
    named = asset(value, "components")
    if named is not None and not named.registry:
        known = files.components.get(named.name, [])
        if len(known) == 1:
            return known[0]
    return near, None


def _job(files: _Files, document: Document, one: _One) -> None:
    estate, step, work = files.estate, one.step, one.work
    served = text_of(step.get("endpoint_name")) != "" or _is_deployment(step)
    workload = job_workload(
        estate,
        document.span.path,
        document,
        "azure-ml",
        one.label,
        kind="managed" if served else "job-file",
    )
    workload.span = step.key or workload.span
    pipeline = one.around if one.around is not step else None
    compute = given(step, "compute") or given(pipeline, "settings", "default_compute")
    compute = compute or given(pipeline, "compute")
    _compute(estate, workload, compute)
    environment = variables(estate, workload, work, ("environment_variables",))
    if work is not step:
        environment |= variables(estate, workload, step, ("environment_variables",))
    asks, span = _accelerated(step, work, compute)
    workload.state("accelerator", asks, span or workload.span)
    holder = _image(files, workload, step, work)
    scene = job_scene(
        estate, workload, environment, [], asks, files.configs, holder or workload
    )
    _state(files, scene, one, served)
    runner = Runner(scene)
    command = given(work, "command")
    source = script_source(command) if command is not None else None
    if source is not None:
        runner.script(source, scene.environment)
    runner.finish()


def _is_deployment(step: Value) -> bool:
    schema = text_of(step.get("$schema")).lower()
    return "deployment" in schema.rpartition("/")[2]


def _state(files: _Files, scene: Scene, one: _One, served: bool) -> None:
    """What the fields of a job say, beside its command."""
    step, work, workload = one.step, one.work, scene.workload
    for block in (step, work) if work is not step else (step,):
        _services(workload, block)
    places.identities(files.estate, workload, given(step, "identity"))
    remote_code(scene, given(work, "code"))
    environment = given(step, "environment") or given(work, "environment")
    conda_packages(scene, environment, files.configs)
    component = given(step, "component")
    if component is not None and one.component is None:
        foreign_component(scene, component)
    if served:
        files.served.append((workload, step))
        _network(files, workload, step)
    for field_name in ("model", "student_model"):
        _model(scene, given(step, field_name), served=served)
    around = one.around if one.around is not step else Value({}, step.span)
    default = given(around, "settings", "default_datastore")
    default = default or given(step, "settings", "default_datastore")
    state_ports(scene, step, one.component, around, default)


def _model(scene: Scene, model: Value | None, *, served: bool) -> None:
    """The model that a deployment serves, or that a fine-tuning job starts from."""
    if model is None:
        return
    path = given(model, "path") if isinstance(model.data, dict) else model
    if path is None or isinstance(path.data, dict) or path.span is None:
        return
    shown = text_of(path) or "of a variable"
    verb = "serves the model" if served else "starts from the model"
    uses_model(scene, path, f"{verb} {shown}")


def _network(files: _Files, workload: Thing, step: Value) -> None:
    """A deployment's own way out, else its workspace's managed network."""
    value = given(step, "egress_public_network_access")
    out = places.switched(value)
    if value is None or out is None:
        if given(step, "compute") is None and not _on_cluster(step):
            places.isolated(workload, None, files.around)
            lie_in_service(files.estate, workload)
        return
    state = out if isinstance(out, Unknown) else not out
    workload.state(
        "network.isolated", state, value.entry() or workload.span, trail=value.trail
    )
    lie_in_service(files.estate, workload)


def _on_cluster(step: Value) -> bool:
    """Whether a deployment runs on a cluster of Kubernetes, not on the service's machines."""
    schema = text_of(step.get("$schema")).rpartition("/")[2]
    return schema.startswith("kubernetes") or text_of(step.get("type")) == "kubernetes"


def _image(files: _Files, workload: Thing, step: Value, work: Value) -> Thing | None:
    """The container of a job whose image is named, here or by its environment's file."""
    environment = given(step, "environment") or given(work, "environment")
    if environment is None:
        return None
    image = given(environment, "image")
    if image is None and not isinstance(environment.data, dict):
        named = asset(environment, "environments")
        known = files.environments.get(named.name, []) if named is not None else []
        text = text_of(environment).removeprefix("file:")
        if text.endswith((".yml", ".yaml")):
            image = given(files.configs.find(text, workload.span.path), "image")
        elif len(known) == 1:
            image = given(known[0], "image")
    span = (image if image is not None else environment).entry()
    if image is not None:
        holder = job_container(files.estate, workload, "job", span)
        state_image(holder, image)
        return holder
    named = asset(environment, "environments")
    if named is None or not is_curated(named):
        return None
    holder = job_container(files.estate, workload, "job", span)
    curated_image(holder, environment)
    return holder


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


def _accelerated(
    step: Value, work: Value, compute: Value | None
) -> tuple[bool, Span | None]:
    """A GPU machine type or a cluster that is called so; Azure names both freely."""
    sizes = [
        given(block, *names)
        for block in (step, work)
        for names in (("resources", "instance_type"), ("instance_type",))
    ]
    for value in (compute, *sizes):
        text = text_of(value).lower()
        if value is not None and ("gpu" in text or places.GPU_SIZE.search(text)):
            return True, value.entry()
    return False, None


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
