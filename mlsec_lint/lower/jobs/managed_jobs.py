"""Jobs that are handed to a cloud's training service as a file: Vertex AI and SageMaker.

Vertex: `CustomJobSpec` (YAML of `gcloud ai custom-jobs create --config`) and `CustomJob`
(JSON of the API), cloud.google.com/vertex-ai/docs/reference/rest/v1/CustomJobSpec.
SageMaker: the request of `CreateTrainingJob`, its API reference. Both read 2026-11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.hugging_face import NESTED
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.job_keys import output_key, vertex_key, volume_key
from mlsec_lint.lower.jobs.job_networks import sagemaker_network, vertex_network
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.scalars import given, put_bool, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
#: Machine types with accelerators: SageMaker's and Google's own names, 2026-11.
_AMAZON_GPU = re.compile(r"ml\.(?:p\d|g\d|trn|inf|dl)")
_GOOGLE_GPU = re.compile(r"(?:a2|a3|a4|a4x|g2|g4|ct\w+|cloud-tpu|tpu)-|cloud-tpu")


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
        _vertex(estate, path, document, spec, configs)


def _vertex(
    estate: Estate, path: str, document: Document, spec: Value, configs: Configs
) -> None:
    name = text_of(_field(document.value, "displayName"))
    workload = job_workload(estate, path, document, "vertex", name, kind="managed")
    pools = _field(spec, "workerPoolSpecs")
    elements = pools.elements() if pools is not None else ()
    machine = next((m for pool in elements if (m := _google_gpu(pool))), None)
    accelerator = machine is not None
    where = machine.entry() if machine is not None else None
    workload.state("accelerator", accelerator, where or workload.span)
    vertex_network(
        workload, _field(spec, "network"), _field(spec, "pscInterfaceConfig")
    )
    _runs_as(estate, workload, _field(spec, "serviceAccount"), "serviceAccount:")
    for switch in ("enableWebAccess", "enableDashboardAccess"):
        _session(workload, _field(spec, switch))
    output = _field(_field(spec, "baseOutputDirectory"), "outputUriPrefix")
    for number, pool in enumerate(elements[:100]):
        environment, holder = _pool(estate, workload, pool, number)
        scene = job_scene(
            estate, workload, environment, [], accelerator, configs, holder
        )
        if number == 0 and output is not None:
            _weights(scene, output, "writes", "keeps models in its output directory")
        _command(Runner(scene), pool, environment)
    if spec is not document.value:  # the API's job; a config of gcloud has no key
        seal = _field(_field(document.value, "encryptionSpec"), "kmsKeyName")
        vertex_key(estate, workload, seal)


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


# -- SageMaker ------------------------------------------------------------------


def is_sagemaker_job(value: Value) -> bool:
    """An algorithm with an output place, as `CreateTrainingJob` takes them."""
    algorithm = given(value, "AlgorithmSpecification")
    output = given(value, "OutputDataConfig", "S3OutputPath")
    return algorithm is not None and output is not None


def lower_sagemaker_jobs(inputs: Inputs, estate: Estate) -> None:
    """Lower requests of `CreateTrainingJob`: outputs, inputs, image, environment."""
    for path, document in unclaimed(inputs, is_sagemaker_job, "sagemaker"):
        _sagemaker(estate, path, document)


def _sagemaker(estate: Estate, path: str, document: Document) -> None:
    job = document.value
    name = text_of(given(job, "TrainingJobName"))
    workload = job_workload(estate, path, document, "sagemaker", name, kind="managed")
    machine = given(job, "ResourceConfig", "InstanceType")
    gpu = machine if _AMAZON_GPU.match(text_of(machine)) else None
    asks = state_accelerator(workload, gpu)
    image = given(job, "AlgorithmSpecification", "TrainingImage")
    holder = workload
    if image is not None:
        holder = job_container(estate, workload, "job", image.entry())
        state_image(holder, image)
    own = variables(estate, workload, job, ("Environment",))
    scene = Scene(estate, workload, holder, own, accelerator=asks)
    _runs_as(estate, workload, given(job, "RoleArn"), "")
    _session(workload, given(job, "RemoteDebugConfig", "EnableRemoteDebug"))
    _outputs(scene, job)
    output = given(job, "OutputDataConfig")
    output_key(estate, given(output, "KmsKeyId"), given(output, "S3OutputPath"))
    volume_key(
        estate, workload, given(job, "ResourceConfig", "VolumeKmsKeyId"), machine
    )
    _channels(scene, job)
    parameters = given(job, "HyperParameters")
    if parameters is not None:
        settings = flatten(parameters)
        program = scene.program("sagemaker", parameters.key or workload.span)
        apply_settings(scene, program, NESTED, settings, own)
        settings_secrets(estate, workload, settings)
    isolated = given(job, "EnableNetworkIsolation")
    if isolated is not None:
        put_bool(workload, "egress.default_deny", isolated)
    sagemaker_network(workload, job)
    runner = Runner(scene)
    if parameters is None:
        runner.ambient(own, holder.span)
    runner.finish()


def _outputs(scene: Scene, job: Value) -> None:
    for block, field, words in (
        ("OutputDataConfig", "S3OutputPath", "puts its model artifacts there"),
        ("CheckpointConfig", "S3Uri", "keeps checkpoints there"),
    ):
        value = given(job, block, field)
        if value is not None:
            _weights(scene, value, "writes", words)


def _channels(scene: Scene, job: Value) -> None:
    """Input channels: a model by its name or place, else data."""
    for channel in _elements(given(job, "InputDataConfig")):
        uri = given(channel, "DataSource", "S3DataSource", "S3Uri")
        if uri is None or uri.span is None:
            continue
        name = text_of(given(channel, "ChannelName")).lower()
        if "model" in name or "checkpoint" in name or speaks_of_weights(text_of(uri)):
            _weights(scene, uri, "reads", f"reads the model of its channel {name}")
            continue
        span = uri.entry() or uri.span
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


def _session(workload: Thing, switch: Value | None) -> None:
    """A switch that opens a shell or dashboard; both services have it off by default."""
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


def _runs_as(estate: Estate, workload: Thing, value: Value | None, prefix: str) -> None:
    """The declared identity of an account's e-mail or a role's ARN."""
    text = text_of(value)
    span = value.entry() if value is not None else None
    if not text or span is None:
        return
    for name in (text, prefix + text):
        for identity in estate.named(name, "identity")[:1]:
            estate.link(workload, "runs as", identity, span)
            return
