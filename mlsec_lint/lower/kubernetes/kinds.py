"""What single kinds say beside their pod templates: model sources, entrypoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.arguments import Setting, flatten
from mlsec_lint.lower.jobs.configs import inner_document
from mlsec_lint.lower.jobs.datasets import state_datasets
from mlsec_lint.lower.jobs.mentions import in_variables
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.run import script_source
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.serving import SERVING, state_environment
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.jobs.weight_words import weight_role
from mlsec_lint.lower.kubernetes.argo import ARGO, lower_artifacts
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.kubernetes.kserve import ROLES, is_llm_service
from mlsec_lint.lower.kubernetes.secret_volumes import (
    carry,
    of_environment,
    state_names,
)
from mlsec_lint.lower.kubernetes.storage import claim_store
from mlsec_lint.lower.kubernetes.together import (
    hold_together,
    lower_group,
    lower_mpi,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.source import Span

    Pods = list[tuple[Pod, list[Runner]]]

#: Ray Serve applications: names of `serve.llm` and of vLLM's engine arguments.
RAY_SERVE = SERVING._replace(
    reads=frozenset({"model_source", "model_path", "model_id", "download_dir"})
)
#: Types of a KServe storage's parameters -> schemes of the buckets they name.
_STORAGES = {"s3": "s3", "gs": "gs", "gcs": "gs"}
#: KServe model formats whose files are pickles (joblib), as of KServe 0.15, 2026-11.
_PICKLE_FORMATS = frozenset({"sklearn", "lightgbm", "pmml-pickle", "mlflow"})


def _ray_job(estate: Estate, manifest: Manifest, pods: Pods, _objects: Objects) -> None:
    """A RayJob's entrypoint runs in its cluster, with the accelerators of any group."""
    entrypoint = given(manifest.value, "spec", "entrypoint")
    if entrypoint is None or not pods:
        return
    source = script_source(entrypoint)
    head = pods[0][1]
    if source is None or not head:
        return
    runner = _in_cluster(head[0], pods)
    environment = dict(runner.scene.environment)
    known = len(estate.edges_from(runner.scene.workload))
    given_there = _runtime_environment(manifest.value, "runtimeEnvYAML")
    _secrets_of(runner.scene, given_there)
    _models_of(runner, given_there)
    if runner.scene.accelerator:
        runner.mentions += in_variables(given_there)
    environment.update(given_there)
    runner.script(source, environment)
    hold_together(estate, pods, ("reads", "writes"), known)


def _secrets_of(scene: Scene, variables: dict[str, Value]) -> None:
    """Credentials among the variables of a runtime environment."""
    for name, value in variables.items():
        found = secret_under(name, value)
        if found is not None:
            state_secret(scene.estate, scene.holder, found, scene.holder.address, name)


def _models_of(runner: Runner, variables: dict[str, Value]) -> None:
    """Variables of a runtime environment that name where a model is read from."""
    for name, value in variables.items():
        span = value.entry() or value.span
        if span is not None and weight_role(name) == "reads" and is_path(value):
            words = f"reads weights by {name}"
            runner.scene.weights_at(settled(value), "reads", words, span, None)


def _in_cluster(runner: Runner, pods: Pods) -> Runner:
    """The head's runner, with the accelerators that any group of the cluster has."""
    if any(pod.accelerator for pod, _ in pods):
        runner.scene.accelerator = True
    return runner


def _runtime_environment(root: Value, field: str) -> dict[str, Value]:
    """`env_vars` of a runtime environment that is YAML in a string."""
    text = given(root, "spec", field)
    inner = inner_document(text) if text is not None else None
    variables = given(inner, "env_vars")
    return dict(variables.items()) if variables is not None else {}


def _ray_service(
    estate: Estate, manifest: Manifest, pods: Pods, _objects: Objects
) -> None:
    """A RayService's applications: YAML in a string, with models and their arguments."""
    text = given(manifest.value, "spec", "serveConfigV2")
    inner = inner_document(text) if text is not None else None
    if inner is None or not pods or not pods[0][1]:
        return
    runner = _in_cluster(pods[0][1][0], pods)
    scene = runner.scene
    known = len(estate.edges_from(scene.workload))
    applications = given(inner, "applications")
    for application in applications.elements() if applications is not None else ():
        span = application.span or scene.workload.span
        first = next((v for _, v in application.items()), None)
        program = scene.program("ray-serve", (first.key if first else None) or span)
        variables = given(application, "runtime_env", "env_vars")
        environment = dict(variables.items()) if variables is not None else {}
        _secrets_of(scene, environment)
        settings = flatten(application)
        apply_settings(scene, program, RAY_SERVE, settings, environment)
        state_environment(scene, program, environment)
    hold_together(estate, pods, ("reads", "writes"), known)


def _storage_uris(
    estate: Estate, manifest: Manifest, pods: Pods, objects: Objects
) -> None:
    """Where a served model comes from: any `storageUri` of the object."""
    for value in _found(manifest.value, ("storageUri", "uri", "url", "sourceModel")):
        model_source(estate, value, pods, objects)


def _inference_service(
    estate: Estate, manifest: Manifest, pods: Pods, objects: Objects
) -> None:
    _storage_uris(estate, manifest, pods, objects)
    predictor = given(manifest.value, "spec", "predictor")
    pods = _served_by(pods)
    for pod, runners in pods:
        for runner in runners[:1]:  # KServe reads it of containers of one's own
            named = runner.scene.environment.get("STORAGE_URI")
            if named is not None:
                model_source(estate, named, [(pod, runners)], objects)
    storage = given(predictor, "model", "storage")
    said = storage.entry() if storage is not None else None
    place = _storage_place(storage)
    if place is not None:
        model_source(estate, place, pods, objects)
    if pods and said is not None:  # the credentials it names know the bucket
        words = f"{pods[0][0].workload.name} serves a model from a storage of KServe"
        pods[0][0].workload.holds_weights("referenced", words, said)
    name = given(predictor, "model", "modelFormat", "name")
    found = text_of(name)
    legacy = (
        next((k for k, _ in predictor.items() if k in _PICKLE_FORMATS), "")
        if (predictor is not None)
        else ""
    )
    if not pods or not (found or legacy):
        return
    pod, runners = pods[0]
    scene = runners[0].scene if runners else None
    if scene is None:
        return
    where = name if name is not None else given(predictor, legacy)
    span = (where.entry() if where is not None else None) or pod.workload.span
    program = scene.program("kserve", span)
    program.state("weights.format.model", found or legacy, span)
    if (found or legacy) in _PICKLE_FORMATS:
        program.state("weights.format.safe", value=False, span=span)


def _storage_place(storage: Value | None) -> Value | None:
    """The bucket that the parameters of a storage name; None where only its secret does."""
    parameters = given(storage, "parameters")
    bucket = given(parameters, "bucket")
    scheme = _STORAGES.get(text_of(given(parameters, "type")).lower(), "")
    if bucket is None or not scheme or not isinstance(bucket.text(), str):
        return None
    path = text_of(given(storage, "path")).lstrip("/")
    return bucket.replace(data=f"{scheme}://{text_of(bucket)}/{path}")


def model_source(estate: Estate, value: Value, pods: Pods, objects: Objects) -> None:
    """Weights that an object names by URI: `pvc://`, a bucket, a hub, a path."""
    span = value.entry() or value.span
    if span is None:
        return
    for pod, runners in _served_by(pods):
        shown = text_of(value) or "a URI that is not known"
        if shown.startswith("pvc://"):
            _claim_source(pod, shown, estate, value, objects)
            continue
        scene = runners[0].scene if runners else _bare_scene(estate, pod)
        scene.weights_at(
            settled(value), "reads", f"serves weights from {shown}", span, None
        )


def _served_by(pods: Pods) -> Pods:
    """The pods that a served model is brought into: the predictor, and its other hosts.

    A transformer or explainer that stands in front has none of it.
    """
    if pods and is_llm_service(pods[0][0].manifest):
        return [pair for pair in pods if pair[0].template.label in ROLES]
    named = [pair for pair in pods if pair[0].template.label == "predictor"]
    hosts = [pair for pair in pods if pair[0].template.label == "worker"]
    return [*(named or pods[:1]), *(one for one in hosts if one not in pods[:1])]


def _bare_scene(estate: Estate, pod: Pod) -> Scene:
    """The scene of a pod whose containers the object does not name."""
    return Scene(estate, pod.workload, pod.workload, {}, accelerator=pod.accelerator)


def _claim_source(
    pod: Pod, text: str, estate: Estate, value: Value, objects: Objects
) -> None:
    name = text.removeprefix("pvc://").partition("/")[0]
    if not name:
        return
    workload = pod.workload
    span = value.entry() or workload.span
    words = f"{workload.name} serves weights from {text}"
    claim = objects.find("PersistentVolumeClaim", name, pod.manifest)
    store = (
        claim_store(estate, claim, objects)[1]
        if claim is not None
        else _undeclared(estate, pod.manifest, name, span)
    )
    store.holds_weights("referenced", words, span)
    estate.link(workload, "reads", store, span, words)


def _undeclared(estate: Estate, manifest: Manifest, name: str, span: Span) -> Thing:
    """A claim that no object of the scan is, in the namespace; a set's own among them."""
    address = f"PersistentVolumeClaim/{namespace_of(manifest)}/{name}"
    for known in estate.of("store"):
        if address == known.address or address in known.names:
            return known
    store = estate.add(Thing("store", address, address, span, provider="kubernetes"))
    store.state("type", "claim", span)
    store.state("declared", value=False, span=span)
    return store


def _found(root: Value, names: tuple[str, ...]) -> list[Value]:
    """Values of some names anywhere in an object."""
    found: list[Value] = []
    stack = [root]
    while stack and len(found) < 1000:
        value = stack.pop()
        for name, child in value.items():
            if name in names and isinstance(child.text(), str):
                found.append(child)
            else:
                stack.append(child)
        stack.extend(value.elements())
    return found


def _train_job(
    estate: Estate, manifest: Manifest, pods: Pods, objects: Objects
) -> None:
    """The initializers: where weights and data sets come from, with which credentials."""
    both = given(manifest.value, "spec", "initializer")
    value = given(both, "model", "storageUri")
    if value is not None:
        model_source(estate, value, pods, objects)
    pod, runners = pods[0] if pods else (None, [])
    if pod is None:
        return
    scene = runners[0].scene if runners else _bare_scene(estate, pod)
    data = given(both, "dataset", "storageUri")
    span = data.entry() if data is not None else None
    if data is not None and span is not None:
        state_datasets(scene, [Setting("dataset", data, span)])
    for name in ("dataset", "model"):
        _initializer(scene, given(both, name), manifest, objects)


def _initializer(
    scene: Scene, block: Value | None, manifest: Manifest, objects: Objects
) -> None:
    """The variables and the Secret of an initializer, which a pod of the job is given."""
    parts: dict[str, Value] = {}
    env, secret = given(block, "env"), given(block, "secretRef")
    if env is not None:
        parts["env"] = env
        for entry in env.elements():
            value = given(entry, "value")
            if value is not None:
                _secrets_of(scene, {text_of(entry.get("name")): value})
    if secret is not None:
        source = Value({"secretRef": secret}, secret.span)
        parts["envFrom"] = Value((source,), secret.span)
    brought = of_environment(Value(parts), objects, manifest) if parts else []
    if brought and scene.holder.kind == "container":
        state_names(scene.holder, brought)
    carry(scene.estate, scene.holder, brought)


KINDS: dict[str, Callable[[Estate, Manifest, Pods, Objects], None]] = {
    **dict.fromkeys(ARGO, lower_artifacts),
    "RayJob": _ray_job,
    "RayService": _ray_service,
    "InferenceService": _inference_service,
    "LLMInferenceService": _storage_uris,
    "LeaderWorkerSet": lower_group,
    "MPIJob": lower_mpi,
    "TrainJob": _train_job,
}
