"""What a Databricks bundle sets up beside jobs: models, volumes, experiments, endpoints.

Fields from docs.databricks.com/dev-tools/bundles/resources, and privileges of Unity
Catalog, read 2026-11. A serving endpoint answers on the workspace's own host, and asks
for a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.job_file import header, job_workload
from mlsec_lint.lower.jobs.script_job import state_accelerator, variables
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import referred_store, written
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

#: Groups that every user of the account, or of the workspace, is in (2026-11).
_EVERYONE = frozenset({"account users", "users"})
_EVERY = frozenset({"ALL_PRIVILEGES", "ALL PRIVILEGES", "MANAGE"})
_MAX = 200


def label_of(entry: Value) -> str:
    """The key under which a resource stands in its bundle."""
    return entry.key.text.strip("\"'") if entry.key is not None else ""


def full_name(entry: Value, scope: str) -> str:
    """`catalog.schema.name`; "" where a part is missing.

    A name with variables in it means something in its bundle only, which is `scope`.
    """
    found = [given(entry, n) for n in ("catalog_name", "schema_name", "name")]
    parts = [_raw(v) for v in found if v is not None]
    full = len(parts) == len(found) and all(parts)
    return scoped(".".join(parts), scope) if full else ""


def _raw(value: Value) -> str:
    """A name as it is written, variables included."""
    data = value.data
    if isinstance(data, Unknown):
        return written(data).strip()
    return data.strip() if isinstance(data, str) else ""


def scoped(name: str, scope: str) -> str:
    """A name as it is, or within its bundle where it has variables in it."""
    return f"{scope}:{name}" if "${" in name else name


def model(estate: Estate, document: Document, entry: Value, scope: str) -> None:
    """A model of the Unity Catalog: who its grants let run (and so fetch) it."""
    name = full_name(entry, scope)
    store = _store(estate, document, "registered_models", entry)
    if name:
        estate.call(store, f"databricks-model:{name}")
    store.holds_weights("referenced", "it is a registered model", store.span)
    _granted(store, entry, frozenset({"EXECUTE", *_EVERY}))


def volume(estate: Estate, document: Document, entry: Value, scope: str) -> None:
    """A volume of files: its path in jobs, and the bucket that it lies in."""
    name = full_name(entry, scope)
    store = _store(estate, document, "volumes", entry)
    if name and "${" not in name:
        estate.call(store, f"databricks-volume:{name}")
    place = given(entry, "storage_location")
    span = place.entry() if place is not None else None
    if place is not None and span is not None:
        named = referred_store(estate, settled(place, loose=True))
        for behind in named.stores if named is not None else ():
            assert named is not None
            estate.link(
                store,
                "is backed by",
                behind,
                span,
                certain=named.certain,
                why=named.why,
            )
    _granted(store, entry, frozenset({"READ_VOLUME", "READ VOLUME", *_EVERY}))


def _store(estate: Estate, document: Document, kind: str, entry: Value) -> Thing:
    span = entry.key or header(document)
    label = span.text.strip("\"'")
    address = estate.free("store", f"{span.path}#{kind}.{label}")
    store = Thing("store", address, address, span, provider="databricks")
    estate.add(store)
    store.state("type", "file" if kind == "volumes" else "ml-service", span)
    store.state("declared", value=True, span=span)
    return store


def _granted(store: Thing, entry: Value, privileges: frozenset[str]) -> None:
    grants = given(entry, "grants")
    for grant in grants.elements()[:_MAX] if grants is not None else ():
        listed = given(grant, "privileges")
        elements = listed.elements() if listed is not None else ()
        if not any(text_of(p).upper() in privileges for p in elements):
            continue
        principal = given(grant, "principal")
        who = settled(principal).text() if principal is not None else None
        line = principal.entry() if principal is not None else None
        if who is None or line is None:
            continue
        public: bool | Unknown = who if isinstance(who, Unknown) else who in _EVERYONE
        store.also("public.principal", public, line)


def endpoint(
    estate: Estate, path: str, document: Document, entry: Value, scope: str
) -> None:
    """A serving endpoint: the models that it runs, its keys, the service before it."""
    label = text_of(given(entry, "name")) or label_of(entry)
    workload = job_workload(estate, path, document, "databricks", label, kind="managed")
    workload.span = entry.key or workload.span
    config = given(entry, "config")
    served = given(config, "served_entities")
    served = served if served is not None else given(config, "served_models")
    gpu = None
    for one in served.elements()[:_MAX] if served is not None else ():
        kind = given(one, "workload_type")
        gpu = kind if text_of(kind).startswith("GPU") else gpu
        name = given(one, "entity_name")
        name = name if name is not None else given(one, "model_name")
        if name is not None:
            serves(estate, workload, name, "serves", scope)
        variables(estate, workload, one, ("environment_vars",))
        external = given(one, "external_model")
        if external is not None:
            _keys(estate, workload, external)
    state_accelerator(workload, gpu)
    _service(estate, workload)


def _keys(estate: Estate, workload: Thing, external: Value) -> None:
    """Keys of another firm's models (`..._plaintext`) in the config of an endpoint."""
    for name, block in external.items():
        if not name.endswith("_config"):
            continue
        for field, value in block.items():
            found = secret_under(field.removesuffix("_plaintext"), value)
            if found is not None and "{{secrets/" not in str(value.data):
                state_secret(estate, workload, found, workload.address, field)


def declared_model(estate: Estate, name: Value, scope: str) -> Thing | None:
    """The registered model of the scan that a name means."""
    known = f"databricks-model:{scoped(_raw(name), scope)}"
    return next(iter(estate.named(known, "store")), None)


def serves(estate: Estate, workload: Thing, name: Value, verb: str, scope: str) -> None:
    """A model that a workload runs or loads; of the bundle, where it declares it."""
    span = name.entry() or workload.span
    words = f"{verb} the model {text_of(name) or 'of a variable'}"
    workload.holds_weights("referenced", f"{workload.name} {words}", span)
    store = declared_model(estate, name, scope)
    if store is not None:
        estate.link(workload, "reads", store, span, words)


def _service(estate: Estate, workload: Thing) -> None:
    address = estate.free("service", workload.address)
    span = workload.span
    service = Thing("service", address, workload.name, span, workload.provider)
    estate.add(service)
    words = "Databricks: on the workspace's host, which a list of addresses may close"
    service.state("exposure", "internet", span, default=words)
    service.state("authenticated", value=True, span=span)
    service.state("authenticated.by", "token", span)
    service.state("surface", "model", span)
    service.state("surface.name", "Databricks model serving", span)
    service.state("anonymous.from", "nobody", span)
    estate.link(service, "exposes", workload, span)
