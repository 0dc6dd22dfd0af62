"""Assets of Azure ML by reference: models, environments and components, local or of a registry.

Forms of references from learn.microsoft.com/azure/machine-learning (reference-yaml-core-syntax,
how-to-share-models-pipelines-across-workspaces-with-registries), read 2026-11. A
version of an asset cannot be changed; a label (`latest`) moves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, commit_in, package_list
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.jobs.configs import Configs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

MODEL_TYPES = frozenset({"custom_model", "mlflow_model", "triton_model"})
#: Registries that everybody can take from: Microsoft's own, and those of its partners.
_PUBLIC = regex(
    r"azureml(?:-[\w-]+)?|huggingface|nvidia-ai|azure-openai", re.IGNORECASE
)
_LONG = regex(
    r"azureml:/{1,2}(?:registries/(?P<registry>[\w.-]+)/|[\w./-]*?)"
    r"(?P<kind>models|environments|components)/(?P<name>[^/@:\s]+)"
    r"(?:/(?:versions/(?P<version>[^/\s]+)|labels/(?P<label>[^/\s]+)))?"
)
_SHORT = regex(
    r"azureml:(?P<name>[\w.-]+)(?::(?P<version>[^@\s]+)|@(?P<label>[\w.-]+))?"
)
_MAX_TEXT = 1_000
#: More dependencies of an environment are not looked at.
_MOST = 500


class Asset(NamedTuple):
    """What a reference names. `registry` is "" for the workspace's own.

    `pinned`: a version is named, or whether one is cannot be told.
    """

    name: str
    registry: str
    pinned: bool | Unknown


def asset(value: Value, kind: str) -> Asset | None:
    """The asset that a reference names, `kind` being `models` and so on; else None."""
    text, unknown = _written(value)
    if not text.startswith("azureml:") or len(text) > _MAX_TEXT:
        return None
    long = _LONG.fullmatch(text)
    if long is not None:
        if long["kind"] != kind:
            return None
        pinned = _pinned(long["version"], unknown)
        return Asset(long["name"], long["registry"] or "", pinned)
    short = _SHORT.fullmatch(text)
    if short is None:
        return None
    return Asset(short["name"], "", _pinned(short["version"], unknown))


def _pinned(version: str | None, unknown: Unknown | None) -> bool | Unknown:
    """Whether a version is named; unknown where a part of the text is that may be one."""
    return bool(version) if unknown is None else unknown


def _written(value: Value) -> tuple[str, Unknown | None]:
    """The text of a reference, with an unknown end as `${...}` of it."""
    data = settled(value).data
    if isinstance(data, str):
        return data.strip(), None
    if isinstance(data, Unknown) and data.parts and isinstance(data.parts[0], str):
        head = data.parts[0].strip()
        plain = data._replace(possible=None, parts=(), symbol=None)
        return (head + "unknown" if head[-1:] in ":/" else head), plain
    return "", None


# -- models ---------------------------------------------------------------------


def declare_model(estate: Estate, root: Value, span: Span) -> None:
    """A model that a file registers in the workspace: a store that holds weights."""
    name = text_of(given(root, "name"))
    store = _model(estate, name or f"of {span.path}", span)
    store.state("declared", value=True, span=span)
    store.holds_weights("referenced", f"{name or 'it'} is a registered model", span)


def _model(estate: Estate, name: str, span: Span, registry: str = "") -> Thing:
    place = f"registries/{registry}/" if registry else ""
    address = f"azureml://{place}models/{name}"
    known = estate.find("store", address)
    if known is not None:
        return known
    made = Thing("store", address, address, span, "azure", names={address})
    store = estate.add(made)
    store.state("type", "ml-service", span)
    store.state("declared", value=False, span=span)
    return store


def uses_model(scene: Scene, value: Value, words: str) -> None:
    """A job or deployment takes a model: of the workspace, a registry, a path or a URI."""
    span = value.entry() or value.span
    if span is None:
        return
    found = asset(value, "models")
    if found is None:
        scene.weights_at(settled(value, loose=True), "reads", words, span, None)
        return
    _evidence(scene, words, span)
    if found.registry and _PUBLIC.fullmatch(found.registry):
        what = f"azureml://registries/{found.registry}/models/{found.name}"
        fetch = Fetch("model", what, span, pinned=found.pinned)
        state_fetch(scene.estate, scene.workload, fetch, trail=value.trail)
        return
    store = _model(scene.estate, found.name, span, found.registry)
    scene.estate.link(scene.workload, "reads", store, span, words)
    text = f"{scene.workload.name} {words}"
    store.holds_weights("referenced", text, span)
    if found.registry:
        for registry in scene.estate.named(f"azureml-registry:{found.registry}"):
            scene.estate.link(store, "is backed by", registry, span)


def _evidence(scene: Scene, words: str, span: Span) -> None:
    text = f"{scene.workload.name} {words}"
    for thing in (scene.holder, scene.workload):
        thing.holds_weights("referenced", text, span)


# -- environments and components --------------------------------------------------


def curated_image(holder: Thing, value: Value) -> bool:
    """An environment of a public registry as the image that it is; False for others.

    Curated images lie in Microsoft's registry (mcr.microsoft.com/azureml/curated).
    """
    found = asset(value, "environments")
    if found is None or not is_curated(found):
        return False
    span = value.entry() or holder.span
    text = value.text()
    reference = text if isinstance(text, str) else found.name
    holder.state("image.reference", reference.strip(), span, trail=value.trail)
    holder.state("image.pinned", found.pinned, span, trail=value.trail)
    holder.state("image.registry", "mcr.microsoft.com", span, trail=value.trail)
    return True


def is_curated(found: Asset) -> bool:
    """Whether an environment is Microsoft's: of its registry, or called as those are."""
    if found.registry:
        return _PUBLIC.fullmatch(found.registry) is not None
    return found.name.lower().startswith("azureml-")


def foreign_component(scene: Scene, value: Value) -> None:
    """A step whose code comes from a registry that everybody can take from."""
    found = asset(value, "components")
    span = value.entry() or value.span
    if found is None or span is None or not _PUBLIC.fullmatch(found.registry or "-"):
        return
    what = f"azureml://registries/{found.registry}/components/{found.name}"
    fetch = Fetch("code", what, span, pinned=found.pinned, executed=True)
    state_fetch(scene.estate, scene.workload, fetch, trail=value.trail)


def remote_code(scene: Scene, code: Value | None) -> None:
    """`code: git+https://host/repo@commit`: what the job runs, cloned when it starts."""
    text = text_of(code).strip()
    span = code.entry() if code is not None else None
    if code is None or span is None or not text.startswith(("git+", "git://")):
        return
    plain = text.removeprefix("git+")
    pinned = commit_in(plain) is True
    fetch = Fetch("code", plain, span, host_of(plain), pinned, executed=True)
    state_fetch(scene.estate, scene.workload, fetch, trail=code.trail)


def conda_packages(scene: Scene, environment: Value | None, configs: Configs) -> None:
    """The packages of pip that the conda file of an environment lists.

    Those of conda itself come from channels, whose versions the solver chooses.
    """
    named = given(environment, "conda_file")
    if named is None:
        return
    found: Value | None = named
    if not isinstance(named.data, dict):
        span = named.span
        found = configs.find(text_of(named), span.path if span is not None else "")
    listed = given(found, "dependencies")
    for entry in listed.elements()[:_MOST] if listed is not None else ():
        packages = given(entry, "pip")
        fetch = package_list(packages) if packages is not None else None
        if fetch is not None:
            state_fetch(scene.estate, scene.workload, fetch)
