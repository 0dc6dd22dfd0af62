"""Pods that public charts make for people, of the values that they are installed with.

The templates of such a chart are not in the scan; for some charts a row of
policies/data/charts.json says which values decide as whom its users' pods act and what
they mount. Each of them becomes an object as the chart would write it, for whom the
rest of the program needs to know nothing of charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.lower.chart_commands import installations
from mlsec_lint.lower.in_terraform.charts import chart_row, row_of
from mlsec_lint.lower.in_terraform.clusters import cluster_of
from mlsec_lint.lower.in_terraform.releases import Stated, stated_releases
from mlsec_lint.lower.reading import given
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Span

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.169.254/32")


class _Use(NamedTuple):
    """One installation of a chart: its values, what it is called, where it goes."""

    values: Value
    name: str
    namespace: str
    span: Span
    root: str = ""
    prefix: str = ""
    library: bool = False
    cluster: str = ""


def add_chart_pods(inputs: Inputs, estate: Estate) -> None:
    """Extend the manifests of a scan by the pods of people in known charts."""
    del estate
    for stated in stated_releases(inputs):
        row = None if stated.folder else chart_row(stated)
        for about in row.get("pods", ()) if row is not None else ():
            inputs.manifests.extend(_pods(_of_terraform(stated), about))
    for installed in installations(inputs):
        row = row_of(installed.chart)
        for about in row.get("pods", ()) if row is not None else ():
            use = _Use(
                installed.values, installed.name, installed.namespace, installed.span
            )
            known = {manifest.address for manifest in inputs.manifests}
            made = [one for one in _pods(use, about) if one.address not in known]
            inputs.manifests.extend(made)


def _of_terraform(stated: Stated) -> _Use:
    resource = stated.resource
    return _Use(
        stated.values,
        _text(stated, "name") or resource.name,
        _text(stated, "namespace") or "default",
        resource.span,
        stated.here.root.path,
        stated.here.prefix,
        resource.library,
        cluster_of(stated.here, resource),
    )


def _pods(use: _Use, about: dict[str, Any]) -> Iterator[Manifest]:
    """The object that holds the pods; none where no value says what they may reach."""
    values = {
        field: found
        for field in ("serviceAccountName", "volumes")
        if (found := _given(use, about, field)) is not None
    }
    if not any(found.data for found in values.values()):
        return
    header = next(iter(values.values())).entry() or use.span
    name = f"{use.name}-{about['name']}"
    made = [(about["kind"], _object(use, about, name, values, header))]
    policy = about.get("policy")
    if policy is not None and _is_on(use, policy["enabled"]):
        made.append(("NetworkPolicy", _policy(use, about, name, header)))
    for kind, value in made:
        yield Manifest(
            value,
            kind,
            "networking.k8s.io/v1" if kind == "NetworkPolicy" else "v1",
            name,
            use.namespace,
            header,
            root=use.root,
            library=use.library,
            address=f"{use.prefix}{kind}/{use.namespace}/{name}",
            cluster=use.cluster,
        )


def _is_on(use: _Use, path: str) -> bool:
    """Whether a switch that is on by default is not certainly off."""
    found = given(use.values, *path.split("."))
    return found is None or found.data is not False


def _policy(use: _Use, about: dict[str, Any], name: str, header: Span) -> Value:
    """The network policy that the chart makes for these pods beside all others."""
    egress: list[Value] = []
    if _is_on(use, about["policy"]["internet"]):
        block = Value({"ipBlock": _blocks(header)}, header)
        egress.append(Value({"to": Value((block,), header)}, header))
    labels = _own_labels(about, header)
    spec = {
        "podSelector": Value({"matchLabels": Value(labels, header)}, header),
        "policyTypes": Value((Value("Egress", header),), header),
        "egress": Value(tuple(egress), header),
    }
    metadata = Value({"name": Value(name, header)}, header)
    kind = Value("NetworkPolicy", header)
    return Value(
        {"kind": kind, "metadata": metadata, "spec": Value(spec, header)}, header
    )


def _blocks(header: Span) -> Value:
    """All addresses that are not private."""
    private = tuple(Value(one, header) for one in _PRIVATE)
    return Value(
        {"cidr": Value("0.0.0.0/0", header), "except": Value(private, header)}, header
    )


def _own_labels(about: dict[str, Any], header: Span) -> dict[str, Value]:
    labels = about.get("own_labels", {})
    return {name: Value(text, header) for name, text in labels.items()}


def _object(
    use: _Use,
    about: dict[str, Any],
    name: str,
    values: dict[str, Value],
    header: Span,
) -> Value:
    container = {"name": Value(about["name"], header)}
    image = _image(use, about)
    if image is not None:
        container["image"] = image
    for field in ("volumeMounts", "env"):
        found = _given(use, about, field)
        if found is not None:
            container[field] = found
    containers = Value((Value(container, header),), header)
    template: dict[str, Value] = {
        "spec": Value({"containers": containers, **values}, header)
    }
    labels = _own_labels(about, header)
    more = _given(use, about, "labels")
    labels |= dict(more.items()) if more is not None else {}
    template["metadata"] = Value({"labels": Value(labels, header)}, header)
    spec = Value({"template": Value(template, header)}, header)
    metadata = Value({"name": Value(name, header)}, header)
    kind = Value(about["kind"], header)
    return Value({"kind": kind, "metadata": metadata, "spec": spec}, header)


def _image(use: _Use, about: dict[str, Any]) -> Value | None:
    """The image that its name and tag make, where both are known."""
    name = _given(use, about, "image.name")
    tag = _given(use, about, "image.tag")
    if name is None or not isinstance(name.data, str):
        return None
    if tag is None or not isinstance(tag.data, str):
        return name
    return name.replace(data=f"{name.data}:{tag.data}")


def _given(use: _Use, about: dict[str, Any], field: str) -> Value | None:
    path = about.get(field, "")
    return given(use.values, *path.split(".")) if path else None


def _text(stated: Stated, field: str) -> str:
    found = stated.here.text_of(given(stated.resource.values, field))
    return found if isinstance(found, str) else ""
