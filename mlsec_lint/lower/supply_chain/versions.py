"""Versions of servers and GPU runtimes: images, charts, node pools.

Which container toolkit a node image brings stands in no table here: node groups with
GPUs give an undecided version, at the argument that chooses the image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.versions import product_of, products
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.in_terraform.charts import chart_name
from mlsec_lint.lower.in_terraform.machines import ACCELERATED
from mlsec_lint.lower.in_terraform.releases import stated_releases
from mlsec_lint.lower.jobs.software import state_image_software, state_software
from mlsec_lint.lower.kubernetes.workload import container_name
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.scalars import settled
from mlsec_lint.lower.stores import written
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.in_terraform.releases import Stated
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_MOST_WORDS = 200_000
_TOOLKIT = "NVIDIA Container Toolkit"
_OPERATOR = "NVIDIA GPU Operator"
_GPU_AMI = regex(r"GPU|NVIDIA", re.IGNORECASE)
#: Node pools: the arguments that choose the node image, and those that show a GPU.
_POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "aws_eks_node_group": (("release_version", "version"), ("instance_types",), ()),
    "google_container_node_pool": (
        ("version",),
        ("node_config.machine_type",),
        ("node_config.guest_accelerator",),
    ),
    "azurerm_kubernetes_cluster_node_pool": (
        ("orchestrator_version",),
        ("vm_size",),
        (),
    ),
}
_CLOUDS = {"aws": "aws", "google": "gcp", "azurerm": "azure"}


def lower_versions(inputs: Inputs, estate: Estate) -> None:
    """State the software of containers, GPU operators, charts and node pools."""
    commands = _commands(inputs)
    for container in estate.of("container"):
        _container(estate, container, commands.get(container.address, ""))
    for manifest in inputs.manifests:
        if manifest.kind == "ClusterPolicy" and "nvidia.com" in manifest.api_version:
            _cluster_policy(estate, manifest)
    for stated in stated_releases(inputs):
        if not stated.folder:
            _chart(estate, stated)
    for here in index_of(inputs).roots:
        for kind, arguments in _POOLS.items():
            for pool in here.of(kind):
                _pool(here, estate, pool, arguments)


def _commands(inputs: Inputs) -> dict[str, str]:
    """By container: what its manifest starts instead of the image's own program."""
    found: dict[str, str] = {}
    for pod in inputs.objects.pods if inputs.objects is not None else ():
        for listed, container in pod.template.containers:
            command = given(container, "command")
            if command is None:
                continue
            arguments = given(container, "args")
            words = [*command.elements(), *(arguments.elements() if arguments else ())]
            name = container_name(container, listed)
            address = f"{pod.workload.address}/{listed}/{name}"
            text = " ".join(_whole(word) for word in words[:64])
            found[address] = text.lower()[:_MOST_WORDS]
    return found


def _whole(word: Value) -> str:
    data = word.data
    return written(data) if isinstance(data, Unknown) else str(data)


def _container(estate: Estate, container: Thing, command: str) -> None:
    """The image's product, unless something else is started from its image.

    The file around the image is searched for the switches that an advisory needs.
    """
    reference = container.fact("image.reference")
    if reference is None or not isinstance(reference.value, str | Unknown):
        return
    source = reference.span.source
    words = source.text if len(source.text) <= _MOST_WORDS else ""
    image = Value(reference.value, reference.span, trail=reference.trail)
    state_image_software(estate, container, image, words.lower(), command)


def _bare(manifest: Manifest) -> Thing:
    """An owner for what a manifest says, that is itself no part of the estate."""
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    address = manifest.address or name
    return Thing(
        "workload",
        address,
        name,
        manifest.span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )


def _named(label: str) -> dict[str, object]:
    return next(p for p in products() if p["product"] == label)


def _cluster_policy(estate: Estate, manifest: Manifest) -> None:
    toolkit = given(given(manifest.value, "spec"), "toolkit")
    enabled = given(toolkit, "enabled")
    version = given(toolkit, "version")
    if version is None or (enabled is not None and enabled.boolean() is False):
        return
    span = version.entry() or manifest.span
    owner = _bare(manifest)
    state_software(estate, owner, _named(_TOOLKIT), _text(version, span), span)


def _text(value: Value, span: Span) -> str | Unknown:
    found = settled(value).text()
    if found is None:
        return Unknown("error", "this is no version", span=span)
    return found


def _chart(estate: Estate, stated: Stated) -> None:
    """A chart whose version is the product's; the toolkit that its values choose."""
    product = product_of("charts", chart_name(stated))
    if product is None:
        return
    owner = thing_of(stated.here, stated.resource, "workload", "kubernetes")
    version = given(stated.resource.values, "version")
    if version is None:
        span = stated.resource.span
        why = "without a version the newest chart is installed"
        found: str | Unknown = Unknown("environment", why, span=span)
    else:
        span = span_of(version, stated.resource)
        text = stated.here.text_of(version)
        found = text if text is not None else Unknown("error", "no version", span=span)
    state_software(estate, owner, product, found, span)
    toolkit = given(stated.values, "toolkit", "version")
    if toolkit is not None and product["product"] == _OPERATOR:
        where = toolkit.entry() or span
        state_software(estate, owner, _named(_TOOLKIT), _text(toolkit, where), where)


def _pool(
    here: RootIndex,
    estate: Estate,
    pool: Resource,
    arguments: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
) -> None:
    images, sizes, devices = arguments
    if pool.type == "google_container_node_pool" and not _own_driver(here, pool):
        return  # Google installs the driver, and its nodes run no container toolkit
    if not _has_gpu(here, pool, sizes, devices):
        return
    value = next((v for name in images if (v := given(pool.values, name))), None)
    span = span_of(value, pool) if value is not None else pool.span
    why = "which container toolkit the node image brings is in no table here"
    owner = thing_of(here, pool, "workload", _CLOUDS[pool.type.partition("_")[0]])
    unknown = Unknown("unsupported", why, span=span)
    state_software(estate, owner, _named(_TOOLKIT), unknown, span)


def _own_driver(here: RootIndex, pool: Resource) -> bool:
    """Whether a GKE pool leaves the driver to its owner: INSTALLATION_DISABLED."""
    path = "node_config.guest_accelerator.gpu_driver_installation_config"
    return any(
        here.text_of(value) == "INSTALLATION_DISABLED"
        for value in values_at(pool.values, f"{path}.gpu_driver_version")
    )


def _has_gpu(
    here: RootIndex, pool: Resource, sizes: tuple[str, ...], devices: tuple[str, ...]
) -> bool:
    """Whether the nodes have NVIDIA GPUs for certain: by size, device or image."""
    pattern = ACCELERATED[_CLOUDS[pool.type.partition("_")[0]]]
    if any(_known(values_at(pool.values, name)) for name in devices):
        return True
    for name in sizes:
        for value in values_at(pool.values, name):
            text = here.text_of(value)
            if isinstance(text, str) and pattern.match(text):
                return not text.startswith(("trn", "inf", "ct"))
    ami = given(pool.values, "ami_type")
    text = here.text_of(ami) if ami is not None else None
    return isinstance(text, str) and _GPU_AMI.search(text) is not None


def _known(values: list[Value]) -> bool:
    return any(value.unknown is None for value in values)
