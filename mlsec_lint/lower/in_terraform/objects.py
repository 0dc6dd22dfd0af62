"""Kubernetes objects that Terraform declares, as manifests beside the rendered ones.

They come before the lowering of Kubernetes, which then sees no difference: a pod in a
heredoc gives the facts of a pod in a file, at the line of the heredoc or template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.kubernetes.objects import (
    CLUSTER_SCOPED,
    address,
    is_object,
    unrolled,
)
from mlsec_lint.lower.in_terraform.clusters import cluster_of
from mlsec_lint.lower.in_terraform.releases import USES
from mlsec_lint.lower.in_terraform.texts import Documents, documents_in
from mlsec_lint.lower.in_terraform.typed import kind_of, typed_object
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.scalars import name_of
from mlsec_lint.lower.terraform_index import index_of, type_of
from mlsec_lint.source import Note
from mlsec_lint.value import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Types whose argument is a manifest as text (gavinbunney/kubectl 1.19,
#: alekc/kubectl 2.1; kbst/kustomization 0.9), and the argument.
_TEXTS = {
    "kubectl_manifest": "yaml_body",
    "kustomization_resource": "manifest",
    "kustomization2_resource": "manifest",
    "data.kubectl_file_documents": "content",
}
#: Types whose argument is the object itself (hashicorp/kubernetes 3.2).
_OBJECTS = {"kubernetes_manifest": "manifest"}
#: The data source that cuts a text into documents, which other resources then apply.
_CUT = "data.kubectl_file_documents"
#: Types that write a file (hashicorp/local 2.5), and the argument with its text.
_FILES = {"local_file": "content", "local_sensitive_file": "content"}
_MANIFESTS = (".yaml", ".yml", ".json", "_yaml")
#: Types that change objects which somebody else declares.
_CHANGES = frozenset(
    {
        "kubernetes_labels", "kubernetes_annotations", "kubernetes_env",
        "kubernetes_node_taint", "kubernetes_config_map_v1_data",
        "kubernetes_secret_v1_data", "kubectl_path_documents",
    }
)  # fmt: skip


def add_terraform_objects(inputs: Inputs, estate: Estate) -> None:
    """Extend the manifests of a scan by those that stand in its Terraform roots.

    A plain file that `file()` or `templatefile()` brings into a resource is judged as
    that resource, and no second time by itself.
    """
    used: set[str] = set()
    made: list[Manifest] = []
    for here in index_of(inputs).roots:
        for resource in here.root.resources:
            made.extend(_manifests(here, resource, inputs, estate, used))
    places = {(one.span.path, one.span.line) for one in made}
    inputs.manifests = [
        one
        for one in inputs.manifests
        if one.root
        or (one.span.path not in used and (one.span.path, one.span.line) not in places)
    ]
    if used:
        inputs.texts = [text for text in inputs.texts if text.path not in used]
    _release_namespaces(inputs)
    inputs.manifests[:0] = made  # claims and accounts before what uses them


def _release_namespaces(inputs: Inputs) -> None:
    """What a release renders goes to its namespace and cluster, if not said otherwise."""
    places = {
        (resource.span.source.path, resource.span.start): (here, resource)
        for here in index_of(inputs).roots
        for resource in here.of(*USES)
    }
    for manifest in inputs.manifests:
        step = manifest.via[0].span if manifest.via else None
        found = places.get((step.source.path, step.start)) if step is not None else None
        if found is None:
            continue
        here, resource = found
        manifest.cluster = cluster_of(here, resource)
        namespace = _text(here, given(resource.values, "namespace"))
        if manifest.namespace or not namespace or manifest.kind in CLUSTER_SCOPED:
            continue
        own = address(manifest.kind, "", manifest.name)
        if manifest.address.endswith(own):
            before = manifest.address.removesuffix(own)
            manifest.address = before + address(manifest.kind, namespace, manifest.name)
        manifest.namespace = namespace


def _manifests(
    here: RootIndex,
    resource: Resource,
    inputs: Inputs,
    estate: Estate,
    used: set[str],
) -> Iterator[Manifest]:
    name = type_of(resource)
    kind = kind_of(name)
    if kind is not None:
        value = typed_object(resource, kind)
        yield _manifest(here, resource, value, resource.address)
    elif name in _CHANGES:
        count = inputs.not_analysed
        count[name] = count.get(name, 0) + 1
    elif name in _OBJECTS:
        found = given(resource.values, _OBJECTS[name])
        values = () if found is None else (found,)
        yield from _of_values(here, resource, values, estate)
    elif name in _TEXTS:
        text = given(resource.values, _TEXTS[name])
        documents = documents_in(text) if text is not None else None
        if documents is not None:
            estate.note(documents.notes)
            _use(documents, used)
            yield from _of_values(here, resource, documents.values, estate)
        elif text is not None and not _is_cut(text):
            estate.note([_unread(resource, text)])
    elif name in _FILES:
        yield from _of_file(here, resource, estate, used)


def _of_file(
    here: RootIndex, resource: Resource, estate: Estate, used: set[str]
) -> Iterator[Manifest]:
    """The objects in a file that Terraform writes, for kubectl or GitOps to apply.

    Such a file may hold anything; what is no object is left alone.
    """
    filename = here.text_of(given(resource.values, "filename"))
    if isinstance(filename, str) and not filename.endswith(_MANIFESTS):
        return
    text = given(resource.values, _FILES[resource.type])
    documents = documents_in(text) if text is not None else None
    objects = documents.values if documents is not None else ()
    objects = tuple(one for one in objects if is_object(one))
    if documents is not None and objects:
        estate.note(documents.notes)
        _use(documents, used)
        yield from _of_values(here, resource, objects, estate)


def _use(documents: Documents, used: set[str]) -> None:
    """Remember the file that a text comes from, so that nobody judges it again."""
    if documents.source is not None:
        used.add(documents.source.outer(0)[0].path)


def _of_values(
    here: RootIndex,
    resource: Resource,
    values: tuple[Value, ...],
    estate: Estate,
) -> Iterator[Manifest]:
    objects = [one for value in values for one in unrolled(value)]
    for number, value in enumerate(objects):
        if not is_object(value):
            estate.note([_unread(resource, value)])
            continue
        several = len(objects) > 1
        where = f"{resource.address}#{number}" if several else resource.address
        yield _manifest(here, resource, value, where)


def _manifest(
    here: RootIndex, resource: Resource, value: Value, where: str
) -> Manifest:
    kind = _text(here, value.get("kind"))
    namespace = given(resource.values, "override_namespace")
    if namespace is None:
        namespace = given(value, "metadata", "namespace")
    span = resource.span
    label = value.get("kind")
    if label is not None and label.span is not None and label.span != span:
        inside = label.span.resolved()
        span = (label.entry() or label.span) if inside.path != span.path else span
    name = _text(here, given(value, "metadata", "name"))
    if not name:
        name = _text(here, given(value, "metadata", "generate_name"))
    return Manifest(
        value,
        kind,
        _text(here, value.get("apiVersion")),
        name,
        "" if kind in CLUSTER_SCOPED else _text(here, namespace),
        span,
        root=here.root.path,
        via=_through(resource, span),
        library=resource.library,
        address=here.prefix + where,
        cluster=cluster_of(here, resource),
    )


def _through(resource: Resource, span: Span) -> tuple[Step, ...]:
    """How an object came to be applied: the resource, where it stands apart; the calls."""
    if span is resource.span:
        return resource.calls
    return (Step(resource.span, f"applied by {resource.address}"), *resource.calls)


def _text(here: RootIndex, value: Value | None) -> str:
    """The known text, also where it follows from arguments; else what `name_of` gives."""
    text = here.text_of(value)
    return text.strip() if isinstance(text, str) else name_of(value)


def _is_cut(text: Value) -> bool:
    """Whether a text comes from a data source whose own documents are read."""
    unknown = text.unknown
    symbol = unknown.symbol if unknown is not None else text.symbol
    address = symbol.address if symbol is not None else ""
    if not address and unknown is not None:
        address = unknown.name
    return f".{_CUT}." in f".{address}"


def _unread(resource: Resource, value: Value) -> Note:
    unknown = value.unknown
    why = f" ({unknown.why})" if unknown is not None else ""
    text = f"the object of {resource.address} is not known{why}"
    span = value.entry() or resource.span
    return Note("template-not-read", text, span.path, span, strict_only=True)
