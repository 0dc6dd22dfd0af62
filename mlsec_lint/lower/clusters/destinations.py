"""Where Argo CD puts what it deploys: the destination of applications and their sets.

`destination.name` is the name under which a cluster was added to Argo CD: that of the
kubectl context, unless somebody chose another (documentation of Argo CD 3.1, read
2026-11). One that a declared cluster has alone is that cluster's. An address of a server
is known only where a cluster Secret of the scan gives it a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.application_sets import ApplicationSets
from mlsec_lint.kubernetes.objects import words
from mlsec_lint.lower.clusters.contexts import Applied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.clusters.declared import Declared
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_LABEL = "argocd.argoproj.io/secret-type"
_GROUP = "argoproj.io/"
_MAX_SOURCES = 50


def deployed_by_argo(inputs: Inputs, declared: Declared) -> dict[str, list[Applied]]:
    """By folder (as `contexts.Applied` is keyed), the clusters that Argo CD deploys to.

    What a chart's release renders has its destination from the release itself: it is
    under `argo:` and the name or the server.
    """
    servers = _servers(inputs)
    found: dict[str, list[Applied]] = {}
    for manifest, application in _applications(inputs):
        spec = application.get("spec")
        destination = spec.get("destination") if spec is not None else None
        if spec is None or destination is None:
            continue
        said = _applied(manifest, destination, servers, declared)
        if said is None:
            continue
        found.setdefault(f"argo:{named(destination)}", []).append(said)
        for key in _folders(inputs, spec):
            found.setdefault(key, []).append(said)
    return found


def named(destination: Value | None) -> str:
    """The name of a destination, else its server; "" where it has neither."""
    if destination is None:
        return ""
    return words(destination.get("name")) or words(destination.get("server"))


def _applications(inputs: Inputs) -> Iterator[tuple[Manifest, Value]]:
    sets = ApplicationSets(inputs.tree)
    for manifest in inputs.manifests:
        if not manifest.api_version.startswith(_GROUP):
            continue
        if manifest.kind == "Application":
            yield manifest, manifest.value
        elif manifest.kind == "ApplicationSet":
            for one in sets.applications(manifest.span.path, manifest.value):
                yield manifest, one


def _applied(
    manifest: Manifest,
    destination: Value,
    servers: dict[str, str],
    declared: Declared,
) -> Applied | None:
    text = words(destination.get("name"))
    entry = destination.get("name") or destination.get("server")
    if not text:
        text = servers.get(words(destination.get("server")).rstrip("/"), "")
    cluster = declared.called(text) if text else None
    span = entry.entry() if entry is not None else None
    if cluster is None:
        return None
    said = f"{manifest.kind} {manifest.name} deploys it to the cluster {text}"
    return Applied(cluster.addresses, span or manifest.span, said)


def _servers(inputs: Inputs) -> dict[str, str]:
    """The names of clusters by their server, as Secrets of Argo CD state them."""
    found: dict[str, str] = {}
    for manifest in inputs.manifests:
        if manifest.kind != "Secret":
            continue
        label = manifest.value.at("metadata", "labels", _LABEL)
        if words(label) != "cluster":
            continue
        server = words(manifest.value.at("stringData", "server")).rstrip("/")
        name = words(manifest.value.at("stringData", "name"))
        if server and name:
            found[server] = name if found.get(server, name) == name else ""
    return found


def _folders(inputs: Inputs, spec: Value) -> Iterator[str]:
    several, one = spec.get("sources"), spec.get("source")
    listed = several.elements() if several is not None else ()
    for source in (listed or ((one,) if one is not None else ()))[:_MAX_SOURCES]:
        text = words(source.get("path"))
        folder = inputs.tree.realpath(text) if text and text[0] != "/" else None
        if folder is None or not inputs.tree.is_folder(folder):
            continue
        if inputs.tree.exists(f"{folder}/Chart.yaml"):
            continue  # the release has it
        recursive = words(source.at("directory", "recurse")) == "true"
        yield folder
        yield f"{folder}/**" if recursive else f"{folder}/"
