"""Requests of Amazon SageMaker's API: as JSON files, and as objects of its ACK controller.

Fields from the API reference (CreateTrainingJob, CreateModel, CreateEndpointConfig,
CreateProcessingJob, CreateTransformJob, CreateHyperParameterTuningJob,
CreateNotebookInstance, CreateDomain) and from the CRDs of sagemaker.services.k8s.aws
v1alpha1, which spell the same fields in their own way; read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import flatten
from mlsec_lint.lower.jobs.hugging_face import NESTED
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.job_keys import output_key, volume_key
from mlsec_lint.lower.jobs.job_networks import lie_in_service, sagemaker_network
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.script_job import job_container, variables
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.kubernetes.rights import named_identities
from mlsec_lint.lower.scalars import given, put_bool, settled, text_of
from mlsec_lint.lower.stores import are_variants, referred_store
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

#: Machine types with accelerators, 2026-11.
_GPU = regex(r"ml\.(?:p\d|g\d|trn|inf|dl)")
#: Where the controller's spelling differs from the API's.
_SPELLING = (
    ("ARN", "Arn"),
    ("URI", "Uri"),
    ("URL", "Url"),
    ("ID", "Id"),
    ("KMS", "Kms"),
)
#: Blocks whose keys are the user's own.
_FREE = frozenset({"Environment", "HyperParameters", "StaticHyperParameters", "Tags"})
_MAX_DEPTH = 12
_MAX = 200


class _Shape(NamedTuple):
    """By which two paths a request is known, the path of its name, what states it."""

    keys: tuple[tuple[str, ...], tuple[str, ...]]
    name: str
    state: Callable[[Estate, Thing, Value], None]


def lower_sagemaker_jobs(inputs: Inputs, estate: Estate) -> None:
    """Lower files that are requests of the API."""
    for path, document in unclaimed(inputs, is_sagemaker_request, "sagemaker"):
        shape = _SHAPES[_kind(document.value)]
        name = text_of(given(document.value, shape.name))
        workload = job_workload(
            estate, path, document, "sagemaker", name, kind="managed"
        )
        shape.state(estate, workload, document.value)


def is_sagemaker_request(value: Value) -> bool:
    """A request of the API, by two fields of its own."""
    return isinstance(value.data, dict) and _kind(value) != ""


def _kind(value: Value) -> str:
    for kind, shape in _SHAPES.items():
        if all(given(value, *keys) is not None for keys in shape.keys):
            return kind
    named = given(value, "ModelName") is not None
    several = given(value, "Containers") is not None
    return (
        "Model"
        if named and several and given(value, "ExecutionRoleArn") is not None
        else ""
    )


def is_request(kind: str) -> bool:
    """Whether an object of the ACK controller is one of the requests that are read."""
    return kind in _SHAPES


def state_request(estate: Estate, workload: Thing, kind: str, spec: Value) -> None:
    """State what an object of the ACK controller asks of SageMaker."""
    _SHAPES[kind].state(estate, workload, _spelled(spec, 0))


def _spelled(value: Value, depth: int) -> Value:
    """The same with the API's names of fields."""
    if depth > _MAX_DEPTH:
        return value
    if value.elements():
        return value.replace(
            data=tuple(_spelled(e, depth + 1) for e in value.elements())
        )
    if not isinstance(value.data, dict):
        return value
    found: dict[str, Value] = {}
    for name, entry in value.data.items():
        api = name[:1].upper() + name[1:]
        for ours, theirs in _SPELLING:
            api = api.replace(ours, theirs)
        found[api] = entry if api in _FREE else _spelled(entry, depth + 1)
    return value.replace(data=found)


# -- training and tuning ------------------------------------------------------------


def state_training(estate: Estate, workload: Thing, job: Value) -> None:
    """State what a request for a training job says."""
    machine = given(job, "ResourceConfig", "InstanceType")
    if machine is None:  # several groups of machines
        groups = _elements(given(job, "ResourceConfig", "InstanceGroups"))
        types = [t for g in groups if (t := given(g, "InstanceType")) is not None]
        machine = next((t for t in types if _GPU.match(text_of(t))), None)
        machine = machine if machine is not None or not types else types[0]
    asks = _machine(workload, machine)
    image = given(job, "AlgorithmSpecification", "TrainingImage")
    holder = _image(estate, workload, image, "job")
    own = variables(estate, workload, job, ("Environment",))
    scene = Scene(estate, workload, holder, own, accelerator=asks)
    runs_as(estate, workload, given(job, "RoleArn"))
    session(workload, given(job, "RemoteDebugConfig", "EnableRemoteDebug"))
    for block, field, words in (
        ("OutputDataConfig", "S3OutputPath", "puts its model artifacts there"),
        ("CheckpointConfig", "S3Uri", "keeps checkpoints there"),
    ):
        value = given(job, block, field)
        if value is not None:
            _weights(scene, value, "writes", words)
    output = given(job, "OutputDataConfig")
    output_key(estate, given(output, "KmsKeyId"), given(output, "S3OutputPath"))
    key = given(job, "ResourceConfig", "VolumeKmsKeyId")
    volume_key(estate, workload, key, machine)
    _channels(scene, job)
    _parameters(scene, job, own)
    _network(estate, workload, job)
    runner = Runner(scene)
    _command(runner, given(job, "AlgorithmSpecification"), "Container", own)
    runner.finish()


def _tuning(estate: Estate, workload: Thing, job: Value) -> None:
    """A search runs its definition many times; of several, each is stated."""
    single = given(job, "TrainingJobDefinition")
    several = _elements(given(job, "TrainingJobDefinitions"))
    for definition in (*((single,) if single is not None else ()), *several):
        state_training(estate, workload, definition)


def _parameters(scene: Scene, job: Value, own: dict[str, Value]) -> None:
    parameters = given(job, "HyperParameters")
    if parameters is None:
        parameters = given(job, "StaticHyperParameters")
    if parameters is None:
        Runner(scene).ambient(own, scene.holder.span)
        return
    settings = flatten(parameters)
    program = scene.program("sagemaker", parameters.key or scene.workload.span)
    apply_settings(scene, program, NESTED, settings, own)
    settings_secrets(scene.estate, scene.workload, settings)


def _channels(scene: Scene, job: Value) -> None:
    """Input channels: a model by its name or place, else data."""
    for channel in _elements(given(job, "InputDataConfig")):
        uri = given(channel, "DataSource", "S3DataSource", "S3Uri")
        name = text_of(given(channel, "ChannelName")).lower()
        if uri is not None:
            model = "model" in name or "checkpoint" in name
            words = f"reads the model of its channel {name}"
            _takes(scene, uri, words, model=model)


# -- processing and transforming ------------------------------------------------------


def _processing(estate: Estate, workload: Thing, job: Value) -> None:
    cluster = given(job, "ProcessingResources", "ClusterConfig")
    machine = given(cluster, "InstanceType")
    asks = _machine(workload, machine)
    application = given(job, "AppSpecification")
    holder = _image(estate, workload, given(application, "ImageUri"), "job")
    own = variables(estate, workload, job, ("Environment",))
    scene = Scene(estate, workload, holder, own, accelerator=asks)
    runs_as(estate, workload, given(job, "RoleArn"))
    for entry in _elements(given(job, "ProcessingInputs")):
        uri = given(entry, "S3Input", "S3Uri")
        name = text_of(given(entry, "InputName")).lower()
        if uri is not None:
            _takes(scene, uri, f"reads the model {name}", model="model" in name)
    outputs = given(job, "ProcessingOutputConfig")
    for entry in _elements(given(outputs, "Outputs")):
        uri = given(entry, "S3Output", "S3Uri")
        name = text_of(given(entry, "OutputName")).lower()
        model = "model" in name.split("_") or speaks_of_weights(text_of(uri))
        if uri is not None and model:
            _weights(scene, uri, "writes", f"writes the model {name}")
            output_key(estate, given(outputs, "KmsKeyId"), uri)
    volume_key(estate, workload, given(cluster, "VolumeKmsKeyId"), machine)
    network = given(job, "NetworkConfig")
    none = job.replace(data={})
    _network(estate, workload, network if network is not None else none)
    runner = Runner(scene)
    _command(runner, application, "Container", own)
    runner.ambient(own, holder.span)
    runner.finish()


def _command(
    runner: Runner, block: Value | None, start: str, own: dict[str, Value]
) -> None:
    """The entrypoint and arguments of a container."""
    entry = _elements(given(block, f"{start}Entrypoint"))
    words = [
        settled(w) for w in (*entry, *_elements(given(block, f"{start}Arguments")))
    ]
    if entry:
        runner.command(words, own)
    elif words:
        runner.bare_arguments(words, own, "")


def _transform(estate: Estate, workload: Thing, job: Value) -> None:
    machine = given(job, "TransformResources", "InstanceType")
    asks = _machine(workload, machine)
    own = variables(estate, workload, job, ("Environment",))
    scene = Scene(estate, workload, workload, own, accelerator=asks)
    _uses(workload, given(job, "ModelName"))
    uri = given(job, "TransformInput", "DataSource", "S3DataSource", "S3Uri")
    if uri is not None:
        _takes(scene, uri, "reads its input", model=None)
    key = given(job, "TransformResources", "VolumeKmsKeyId")
    volume_key(estate, workload, key, machine)


# -- models and endpoints -------------------------------------------------------------


def _model(estate: Estate, workload: Thing, request: Value) -> None:
    """A model, or a package of a registry: its containers with their data."""
    primary = given(request, "PrimaryContainer")
    listed = _elements(given(request, "Containers"))
    packed = _elements(given(request, "InferenceSpecification", "Containers"))
    runs_as(estate, workload, given(request, "ExecutionRoleArn"))
    for number, part in enumerate(
        (*((primary,) if primary is not None else ()), *listed, *packed)
    ):
        holder = _image(estate, workload, given(part, "Image"), f"model{number}")
        own = variables(estate, workload, part, ("Environment",))
        scene = Scene(estate, workload, holder, own)
        data = given(part, "ModelDataUrl")
        source = given(part, "ModelDataSource", "S3DataSource", "S3Uri")
        for uri in (data, source):
            if uri is not None:
                _weights(scene, uri, "reads", "serves the model that lies there")
        runner = Runner(scene)
        runner.ambient(own, holder.span)
        runner.finish()
    if not packed:
        _network(estate, workload, request)


def _endpoint(estate: Estate, workload: Thing, request: Value) -> None:
    scene = Scene(estate, workload, workload, {})
    machines: list[Value] = []
    for name in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in _elements(given(request, name)):
            _uses(workload, given(variant, "ModelName"))
            machine = given(variant, "InstanceType")
            machines += [machine] if machine is not None else []
            dumps = given(variant, "CoreDumpConfig", "DestinationS3Uri")
            if dumps is not None:
                words = "puts dumps of its memory there, which has the model in it"
                _weights(scene, dumps, "writes", words)
            shell = given(variant, "EnableSSMAccess")
            if shell is not None:
                session(workload, shell)
    gpu = next((m for m in machines if _GPU.match(text_of(m))), None)
    machine = gpu if gpu is not None or not machines else machines[0]
    _machine(workload, machine)
    volume_key(estate, workload, given(request, "KmsKeyId"), machine)
    runs_as(estate, workload, given(request, "ExecutionRoleArn"))


def _uses(workload: Thing, name: Value | None) -> None:
    span = name.entry() if name is not None else None
    if span is not None:
        words = f"{workload.name} runs the model {text_of(name) or 'of a variable'}"
        workload.holds_weights("referenced", words, span)


# -- people's machines ----------------------------------------------------------------


def _notebook(estate: Estate, workload: Thing, request: Value) -> None:
    workload.state("session.notebook", value=True)
    _machine(workload, given(request, "InstanceType"))
    runs_as(estate, workload, given(request, "RoleArn"))
    words = "Amazon SageMaker: a notebook reaches the internet unless it is disabled"
    _direct(workload, given(request, "DirectInternetAccess"), "disabled", words)


def _domain(estate: Estate, workload: Thing, request: Value) -> None:
    workload.state("session.notebook", value=True)
    for name in ("DefaultUserSettings", "UserSettings", "DefaultSpaceSettings"):
        runs_as(estate, workload, given(request, name, "ExecutionRole"))
    if given(request, "UserProfileName") is None:
        words = "Amazon SageMaker: a domain reaches the internet unless it is VpcOnly"
        _direct(workload, given(request, "AppNetworkAccessType"), "vpconly", words)


def _direct(workload: Thing, value: Value | None, off: str, words: str) -> None:
    if value is None:
        workload.state("internet.direct", value=True, default=words)
        return
    text = settled(value).text()
    span = value.entry() or workload.span
    if isinstance(text, Unknown):
        doubt = text._replace(possible=None, parts=())
        workload.state("internet.direct", doubt, span, trail=value.trail)
        return
    on = (text or "").strip().lower() != off
    workload.state("internet.direct", on, span, trail=value.trail)


# -- parts ------------------------------------------------------------------------------


def _machine(workload: Thing, machine: Value | None) -> bool:
    """Whether a machine type has accelerators; unknown where it is filled in later."""
    if machine is None:
        return False
    text = settled(machine, loose=True).text()
    span = machine.entry() or workload.span
    if isinstance(text, Unknown):
        doubt = text._replace(possible=None, parts=())
        workload.state("accelerator", doubt, span, trail=machine.trail)
        return False
    asks = _GPU.match((text or "").strip()) is not None
    workload.state("accelerator", asks, span, trail=machine.trail)
    return asks


def _image(estate: Estate, workload: Thing, image: Value | None, name: str) -> Thing:
    if image is None:
        return workload
    holder = job_container(estate, workload, name, image.entry())
    state_image(holder, image)
    return holder


def _network(estate: Estate, workload: Thing, job: Value) -> None:
    isolated = given(job, "EnableNetworkIsolation")
    if isolated is not None:
        put_bool(workload, "egress.default_deny", isolated)
    sagemaker_network(workload, job)
    off = isolated is not None and settled(isolated).boolean() is True
    lie_in_service(estate, workload, cut_off=off)


def _takes(scene: Scene, uri: Value, words: str, *, model: bool | None) -> None:
    """An input: a model by its name or place, else data."""
    span = uri.entry() or uri.span
    if span is None:
        return
    if model or (model is not None and speaks_of_weights(text_of(uri))):
        _weights(scene, uri, "reads", words)
        return
    named = referred_store(scene.estate, settled(uri, loose=True), "aws")
    for store in named.stores if named is not None else ():
        assert named is not None
        scene.estate.link(
            scene.workload, "takes data from", store, span, certain=named.certain
        )


def _weights(scene: Scene, value: Value, verb: str, words: str) -> None:
    span = value.entry() or value.span
    if span is not None and value.data != "":
        scene.weights_at(settled(value, loose=True), verb, words, span, None)


def session(workload: Thing, switch: Value | None) -> None:
    """A switch that opens a shell or dashboard; the services have it off by default."""
    if switch is None:
        if "session.enabled" not in workload.facts:
            words = "Vertex AI and SageMaker: no shell in jobs unless switched on"
            workload.state("session.enabled", value=False, default=words)
        return
    on = settled(switch).boolean()
    if on is None:
        on = Unknown("error", "this is not true or false", span=switch.span)
    span = switch.entry() or workload.span
    workload.also("session.enabled", on, span, trail=switch.trail)


def runs_as(
    estate: Estate, workload: Thing, value: Value | None, prefix: str = ""
) -> None:
    """The declared identities of an account's e-mail or a role's ARN."""
    text = text_of(value)
    span = value.entry() if value is not None else None
    if not text or span is None:
        return
    found = named_identities(estate, text) or named_identities(estate, prefix + text)
    sure = len(found) == 1 or are_variants(found)
    why = "" if sure else f"{len(found)} identities are called {text}"
    for identity in found[:_MAX]:
        estate.link(workload, "runs as", identity, span, certain=not why, why=why)


def _elements(value: Value | None) -> tuple[Value, ...]:
    return value.elements()[:_MAX] if value is not None else ()


_SHAPES: dict[str, _Shape] = {
    "TrainingJob": _Shape(
        (("AlgorithmSpecification",), ("OutputDataConfig", "S3OutputPath")),
        "TrainingJobName",
        state_training,
    ),
    "HyperParameterTuningJob": _Shape(
        (("HyperParameterTuningJobConfig",), ("HyperParameterTuningJobName",)),
        "HyperParameterTuningJobName",
        _tuning,
    ),
    "ProcessingJob": _Shape(
        (("AppSpecification",), ("ProcessingResources",)),
        "ProcessingJobName",
        _processing,
    ),
    "TransformJob": _Shape(
        (("TransformInput",), ("TransformOutput",)), "TransformJobName", _transform
    ),
    "Model": _Shape(
        (("PrimaryContainer",), ("ExecutionRoleArn",)), "ModelName", _model
    ),
    "ModelPackage": _Shape(
        (("InferenceSpecification", "Containers"), ("ModelPackageGroupName",)),
        "ModelPackageName",
        _model,
    ),
    "EndpointConfig": _Shape(
        (("ProductionVariants",), ("EndpointConfigName",)),
        "EndpointConfigName",
        _endpoint,
    ),
    "NotebookInstance": _Shape(
        (("NotebookInstanceName",), ("InstanceType",)),
        "NotebookInstanceName",
        _notebook,
    ),
    "Domain": _Shape(
        (("DomainName",), ("DefaultUserSettings",)), "DomainName", _domain
    ),
    "UserProfile": _Shape(
        (("UserProfileName",), ("UserSettings",)), "UserProfileName", _domain
    ),
}
