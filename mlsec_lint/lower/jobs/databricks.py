"""Databricks bundles and their jobs; what they set up beside is in databricks_catalog.py.

Fields from docs.databricks.com/dev-tools/bundles/resources, read 2026-11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.databricks_catalog import (
    declared_model,
    endpoint,
    label_of,
    model,
    serves,
    volume,
)
from mlsec_lint.lower.jobs.databricks_variables import Variables
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, pinned_requirement
from mlsec_lint.lower.jobs.hugging_face import NESTED
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.sagemaker import runs_as
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.jobs.settings import apply_settings, matches
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import Named
from mlsec_lint.patterns import regex
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span

_KINDS = frozenset(
    {"jobs", "models", "registered_models", "experiments", "model_serving_endpoints",
     "pipelines", "schemas", "volumes", "clusters", "apps", "dashboards"}
)  # fmt: skip
#: Names of machines with accelerators: AWS, Azure, Google.
_GPU = regex(r"(?:g\d\w*|p\d\w*|trn\w*)\.|Standard_N|(?:a2|a3|g2)-", re.IGNORECASE)
_MAX = 1_000
#: Kinds of tasks that run code of their own.
_TASKS = (
    "notebook_task", "spark_python_task", "python_wheel_task", "spark_jar_task",
    "spark_submit_task", "gen_ai_compute_task",
)  # fmt: skip
_COMMANDS = (
    ("spark_python_task", "python_file"),
    ("python_wheel_task", "entry_point"),
    ("gen_ai_compute_task", "command"),
)
_PARAMETERS = (
    ("notebook_task", "base_parameters"),
    ("python_wheel_task", "named_parameters"),
)
_MODEL_NAMES = frozenset(
    {"model_name", "registered_model_name", "model", "model_uri", "model_full_name"}
)
#: Parameters that show a training program by themselves.
_TELLING = frozenset(
    {"push_to_hub", "hub_model_id", "output_dir", "checkpoint_dir", "save_folder",
     "trust_remote_code", "model_name_or_path"}
)  # fmt: skip


def is_bundle(value: Value) -> bool:
    """A bundle with targets, includes or resources; or a file of resources alone."""
    if not isinstance(value.data, dict):
        return False
    bundle = given(value, "bundle")
    if bundle is not None and isinstance(bundle.data, dict):
        names = ("targets", "resources", "include", "variables")
        return any(given(value, name) is not None for name in names)
    resources = given(value, "resources")
    kinds = resources.data if resources is not None else None
    if not isinstance(kinds, dict) or not kinds or not kinds.keys() <= _KINDS:
        return False
    return any(_shaped(kind, entry) for kind, entry in _entries(resources))


def _shaped(kind: str, entry: Value) -> bool:
    wanted = {
        "jobs": ("tasks", "job_clusters"),
        "registered_models": ("catalog_name", "schema_name"),
        "model_serving_endpoints": ("config",),
        "experiments": ("permissions", "artifact_location"),
        "volumes": ("catalog_name", "volume_type"),
    }.get(kind, ())
    return any(given(entry, name) is not None for name in wanted)


def _entries(resources: Value | None) -> Iterator[tuple[str, Value]]:
    for kind, entries in resources.items() if resources is not None else ():
        named = entries.data if isinstance(entries.data, dict) else {}
        for entry in named.values():
            if isinstance(entry.data, dict):
                yield kind, entry


def lower_databricks(inputs: Inputs, estate: Estate) -> None:
    """Lower bundles and their resource files; models first, so that endpoints find them."""
    configs, known = Configs(inputs), Variables(inputs.documents)
    found: list[tuple[str, Document, str, Value]] = []
    for path, document in inputs.documents:
        if id(document) in inputs.claimed or document.skipped:
            continue
        if is_bundle(document.value):
            inputs.claimed.add(id(document))
            form = inputs.recognised
            form["databricks"] = form.get("databricks", 0) + 1
            for kind, entry in _resources(document.value):
                if len(found) < _MAX:
                    value = known.put_in(path, entry)
                    found.append((path, document, kind, value))
    for path, document, kind, entry in found:
        if kind == "registered_models":
            model(estate, document, entry, known.folder(path))
        elif kind == "volumes":
            volume(estate, document, entry, known.folder(path))
    for path, document, kind, entry in found:
        if kind == "model_serving_endpoints":
            endpoint(estate, path, document, entry, known.folder(path))
        elif kind == "jobs":
            _job(estate, document, entry, configs, known.folder(path))


def _resources(root: Value) -> Iterator[tuple[str, Value]]:
    """Resources of the bundle, and those that single targets add."""
    yield from _entries(given(root, "resources"))
    targets = given(root, "targets")
    for _, target in targets.items() if targets is not None else ():
        yield from _entries(given(target, "resources"))


# -- jobs -----------------------------------------------------------------------


def _job(
    estate: Estate, document: Document, entry: Value, configs: Configs, scope: str
) -> None:
    path = document.span.path
    clusters = _named(entry, "job_clusters", "job_cluster_key", "new_cluster")
    environments = _named(entry, "environments", "environment_key", "spec")
    tasks = given(entry, "tasks")
    for task in (tasks.elements() if tasks is not None else ())[:200]:
        each = given(task, "for_each_task", "task")
        task = each if each is not None else task
        cluster = given(task, "new_cluster") or clusters.get(
            text_of(given(task, "job_cluster_key"))
        )
        if cluster is None and not any(given(task, k) is not None for k in _TASKS):
            continue
        label = f"{label_of(entry)}.{text_of(given(task, 'task_key'))}".rstrip(".")
        workload = job_workload(
            estate, path, document, "databricks", label, kind="pipeline"
        )
        workload.span = _narrow(task, workload)
        _acts(estate, workload, given(entry, "run_as"), cluster)
        spec = environments.get(text_of(given(task, "environment_key")))
        _packages(estate, workload, task, spec)
        scene = _scene(estate, workload, task, cluster, configs)
        _parameters(scene, task, scope)


def _scene(
    estate: Estate,
    workload: Thing,
    task: Value,
    cluster: Value | None,
    configs: Configs,
) -> Scene:
    """Where a task runs, with what its command does there."""
    machine = given(cluster, "node_type_id")
    gpu = machine if _GPU.match(text_of(machine)) else None
    asks = state_accelerator(workload, gpu)
    image = given(cluster, "docker_image", "url")
    holder = workload
    if image is not None:
        holder = job_container(estate, workload, "task", image.entry())
        state_image(holder, image)
    password = given(cluster, "docker_image", "basic_auth", "password")
    secret = secret_under("password", password) if password is not None else None
    if secret is not None:
        state_secret(estate, workload, secret, workload.address, "basic_auth.password")
    own = variables(estate, workload, cluster, ("spark_env_vars",)) if cluster else {}
    volumes = list(_volumes(estate))
    scene = job_scene(estate, workload, own, volumes, asks, configs, holder)
    runner = Runner(scene)
    words = _command(task)
    if words:
        runner.command(words, own)
    runner.ambient(own, workload.span)
    runner.finish()
    return scene


def _volumes(estate: Estate) -> Iterator[Mounted]:
    """The volumes of the scan, which every job sees at their own paths."""
    known = [s for s in estate.of("store") if s.provider == "databricks"]
    for store in known[:_MAX]:
        for name in sorted(store.names):
            if name.startswith("databricks-volume:"):
                path = "/Volumes/" + name.partition(":")[2].replace(".", "/")
                yield Mounted(path, None, (Named([store], certain=True, why=""),))


def _parameters(scene: Scene, task: Value, scope: str) -> None:
    """Named parameters of notebooks and wheels: a model by name, settings of training."""
    settings: list[Setting] = []
    for names in _PARAMETERS:
        block = given(task, *names)
        settings += flatten(block) if block is not None else []
    for setting in settings:
        known = declared_model(scene.estate, setting.value, scope)
        if setting.last in _MODEL_NAMES and known is not None:
            serves(scene.estate, scene.workload, setting.value, "names", scope)
    settings_secrets(scene.estate, scene.workload, settings)
    if any(matches(s, _TELLING) for s in settings):
        program = scene.program("databricks", scene.workload.span)
        apply_settings(scene, program, NESTED, settings, scene.environment)


def _acts(
    estate: Estate, workload: Thing, run_as: Value | None, cluster: Value | None
) -> None:
    """As whom a task acts: a service principal or a person, and its machines' role."""
    for field, own in (("service_principal_name", True), ("user_name", False)):
        value = given(run_as, field)
        if value is not None:
            workload.state("identity.own", own, value.entry() or workload.span)
    for names, prefix in (
        (("aws_attributes", "instance_profile_arn"), ""),
        (("gcp_attributes", "google_service_account"), "serviceAccount:"),
    ):
        value = given(cluster, *names)
        if value is not None:
            text = text_of(value).replace(":instance-profile/", ":role/")
            runs_as(estate, workload, value.replace(data=text), prefix)
    keys = given(cluster, "ssh_public_keys")
    if keys is not None and keys.elements():
        span = keys.entry() or workload.span
        workload.also("session.enabled", value=True, span=span)


def _packages(estate: Estate, workload: Thing, task: Value, spec: Value | None) -> None:
    """Packages that a task's cluster or environment installs from an index."""
    listed = given(task, "libraries")
    named = [
        package
        for library in (listed.elements() if listed is not None else ())
        if (package := given(library, "pypi", "package")) is not None
    ]
    wanted = given(spec, "dependencies")
    named += list(wanted.elements()) if wanted is not None else []
    for value in named[:_MAX]:
        text, span = text_of(value), value.entry() or value.span
        pinned = pinned_requirement(text) if text else None
        if pinned is not None and span is not None:
            fetch = Fetch("packages", text[:160], span, "pypi.org", pinned, single=True)
            state_fetch(estate, workload, fetch, trail=value.trail)


def _narrow(task: Value, workload: Thing) -> Span:
    key = given(task, "task_key")
    return (key.entry() if key is not None else None) or workload.span


def _named(entry: Value, lists: str, key: str, wanted: str) -> dict[str, Value]:
    """What a job keeps under keys of its own (clusters, environments), by the key."""
    listed = given(entry, lists)
    found: dict[str, Value] = {}
    for one in listed.elements() if listed is not None else ():
        value = given(one, wanted)
        if value is not None:
            found[text_of(given(one, key))] = value
    return found


def _command(task: Value) -> list[Value]:
    """A Python task, or a wheel with its parameters, as the command line that it is."""
    for kind, name in _COMMANDS:
        script = given(task, kind, name)
        if script is not None:
            listed = given(task, kind, "parameters")
            parameters = listed.elements() if listed is not None else ()
            start = Value("python", script.span)
            return [start, script, *(settled(p) for p in parameters)]
    return []
