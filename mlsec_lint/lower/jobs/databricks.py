"""Databricks bundles: registered models with their grants, serving endpoints, jobs.

Fields from docs.databricks.com/dev-tools/bundles/resources, read 2026-11. Targets and
variables change what is deployed: `${var.x}` stays unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import header, job_workload
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span

_KINDS = frozenset(
    {"jobs", "models", "registered_models", "experiments", "model_serving_endpoints",
     "pipelines", "schemas", "volumes", "clusters", "apps", "dashboards"}
)  # fmt: skip
#: Groups that every user of the account, or of the workspace, is in (2026-11).
_EVERYONE = frozenset({"account users", "users"})
_READS = frozenset({"EXECUTE", "ALL_PRIVILEGES", "ALL PRIVILEGES", "MANAGE"})
#: Names of machines with accelerators: AWS, Azure, Google.
_GPU = re.compile(r"(?:g\d\w*|p\d\w*|trn\w*)\.|Standard_N|(?:a2|a3|g2)-", re.IGNORECASE)
_MAX = 1_000


def is_bundle(value: Value) -> bool:
    """A bundle with targets, includes or resources; or a file of resources alone."""
    if given(value, "bundle") is not None:
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
    configs = Configs(inputs)
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
                    found.append((path, document, kind, entry))
    for _, document, kind, entry in found:
        if kind == "registered_models":
            _model(estate, document, entry)
    for path, document, kind, entry in found:
        if kind == "model_serving_endpoints":
            _endpoint(estate, path, document, entry)
        elif kind == "jobs":
            _job(estate, path, document, entry, configs)


def _resources(root: Value) -> Iterator[tuple[str, Value]]:
    """Resources of the bundle, and those that single targets add."""
    yield from _entries(given(root, "resources"))
    targets = given(root, "targets")
    for _, target in targets.items() if targets is not None else ():
        yield from _entries(given(target, "resources"))


# -- models ---------------------------------------------------------------------


def _model(estate: Estate, document: Document, entry: Value) -> None:
    """A model of the Unity Catalog: who its grants let run (and so fetch) it."""
    name = _full_name(entry)
    span = entry.key or header(document)
    label = span.text.strip("\"'")
    address = estate.free("store", f"{span.path}#registered_models.{label}")
    names = {f"databricks-model:{name}"} if name else set()
    store = Thing("store", address, address, span, provider="databricks", names=names)
    estate.add(store)
    store.state("type", "ml-service", span)
    store.state("declared", value=True, span=span)
    store.holds_weights("referenced", "it is a registered model", span)
    grants = given(entry, "grants")
    if grants is None:
        return
    for grant in grants.elements():
        privileges = given(grant, "privileges")
        elements = privileges.elements() if privileges is not None else ()
        if not any(text_of(p).upper() in _READS for p in elements):
            continue
        principal = given(grant, "principal")
        who = settled(principal).text() if principal is not None else None
        line = principal.entry() if principal is not None else None
        if who is None or line is None:
            continue
        public: bool | Unknown = who if isinstance(who, Unknown) else who in _EVERYONE
        store.also("public.principal", public, line)


def _full_name(entry: Value) -> str:
    """`catalog.schema.name`; "" where a part of it is not known."""
    parts = [text_of(given(entry, n)) for n in ("catalog_name", "schema_name", "name")]
    return ".".join(parts) if all(parts) else ""


def _endpoint(estate: Estate, path: str, document: Document, entry: Value) -> None:
    label = text_of(given(entry, "name")) or _label(entry)
    workload = job_workload(estate, path, document, "databricks", label, kind="managed")
    workload.span = entry.key or workload.span
    served = given(entry, "config", "served_entities") or given(
        entry, "config", "served_models"
    )
    gpu = None
    for one in served.elements() if served is not None else ():
        kind = given(one, "workload_type")
        gpu = kind if text_of(kind).startswith("GPU") else gpu
        model = given(one, "entity_name") or given(one, "model_name")
        if model is not None:
            _serves(estate, workload, model)
        variables(estate, workload, one, ("environment_vars",))
    state_accelerator(workload, gpu)


def _serves(estate: Estate, workload: Thing, model: Value) -> None:
    span = model.entry() or workload.span
    words = f"serves the model {text_of(model) or 'of a variable'}"
    workload.holds_weights("referenced", f"{workload.name} {words}", span)
    for store in estate.named(f"databricks-model:{text_of(model)}", "store")[:1]:
        estate.link(workload, "reads", store, span, words)


# -- jobs -----------------------------------------------------------------------


def _label(entry: Value) -> str:
    return entry.key.text.strip("\"'") if entry.key is not None else ""


def _job(
    estate: Estate, path: str, document: Document, entry: Value, configs: Configs
) -> None:
    clusters = _clusters(entry)
    tasks = given(entry, "tasks")
    for task in (tasks.elements() if tasks is not None else ())[:200]:
        words = _command(task)
        cluster = given(task, "new_cluster") or clusters.get(
            text_of(given(task, "job_cluster_key"))
        )
        if not words and cluster is None:
            continue
        label = f"{_label(entry)}.{text_of(given(task, 'task_key'))}".rstrip(".")
        workload = job_workload(
            estate, path, document, "databricks", label, kind="pipeline"
        )
        workload.span = _narrow(task, workload)
        machine = given(cluster, "node_type_id")
        gpu = machine if _GPU.match(text_of(machine)) else None
        asks = state_accelerator(workload, gpu)
        image = given(cluster, "docker_image", "url")
        if image is not None:
            holder = job_container(estate, workload, "task", image.entry())
            state_image(holder, image)
        own = (
            variables(estate, workload, cluster, ("spark_env_vars",)) if cluster else {}
        )
        scene = job_scene(estate, workload, own, [], asks, configs)
        runner = Runner(scene)
        if words:
            runner.command(words, own)
        runner.ambient(own, workload.span)
        runner.finish()


def _narrow(task: Value, workload: Thing) -> Span:
    key = given(task, "task_key")
    return (key.entry() if key is not None else None) or workload.span


def _clusters(entry: Value) -> dict[str, Value]:
    listed = given(entry, "job_clusters")
    found: dict[str, Value] = {}
    for cluster in listed.elements() if listed is not None else ():
        new = given(cluster, "new_cluster")
        if new is not None:
            found[text_of(given(cluster, "job_cluster_key"))] = new
    return found


def _command(task: Value) -> list[Value]:
    """A Python task as the command line that it is."""
    python = given(task, "spark_python_task")
    script = given(python, "python_file")
    if script is None:
        return []
    listed = given(python, "parameters")
    parameters = listed.elements() if listed is not None else ()
    return [Value("python", script.span), script, *(settled(p) for p in parameters)]
