"""Pods that operators make of fields of their own, as pod templates.

What such a pod has beside those fields its operator decides: security contexts, service
accounts and the like stay unsaid, unless the row of the kind says that the pod is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.shell_values import joined
from mlsec_lint.lower.kubernetes.model_kinds import first, select
from mlsec_lint.lower.kubernetes.templates import PodTemplate, pod_templates
from mlsec_lint.lower.scalars import settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.model_kinds import Row
    from mlsec_lint.source import Span

_MOST_PARTS = 100
_LISTS = ("env", "envFrom", "args", "volumes", "volumeMounts")
#: Names of resource profiles that stand for accelerators (KubeAI's charts, 2026-11).
_PROFILE = regex(r"nvidia|amd-gpu|gpu|tpu|gaudi|habana|neuron|trn|inf\d")
_GPU = "nvidia.com/gpu"


class Part(NamedTuple):
    """What of an object makes one workload: where it stands, and its name there.

    `above` is what the step `^` marks on the way to it, `root` the whole object.
    """

    value: Value
    label: str
    span: Span
    above: Value
    root: Value

    def at(self, path: str) -> list[Value]:
        """Values of a path from the part, from above (`^`) or from the object (`/`)."""
        if path.startswith("/"):
            return select(self.root, path[1:])
        return (
            select(self.above, path[1:])
            if path[:1] == "^"
            else select(self.value, path)
        )


def parts_of(manifest: Manifest, row: Row) -> list[Part]:
    """The parts of an object that are workloads, as the row of its kind has it."""
    root = manifest.value
    found: list[Part] = []
    for path in row.get("parts", ("spec",)):
        here = [Part(root, "", manifest.span, root, root)]
        for step in path.split(".") if path else ():
            here = [below for part in here for below in _below(part, step)]
            here = here[:_MOST_PARTS]
        found.extend(part for part in here if not _off(part, row))
    return found[:_MOST_PARTS]


def _off(part: Part, row: Row) -> bool:
    """Whether a switch of the object leaves a part out."""
    switches = part.at(row["switch"]) if "switch" in row else []
    return any(settled(switch).boolean() is False for switch in switches)


def _below(part: Part, step: str) -> Iterator[Part]:
    if step == "^":
        yield part._replace(above=part.value)
        return
    if step != "*":
        for value in select(part.value, step):
            yield part._replace(value=value, span=value.key or value.span or part.span)
        return
    named = [*part.value.items(), *(("", one) for one in part.value.elements())]
    for name, value in named[:_MOST_PARTS]:
        label = name or text_of(value.get("name")) or part.label
        span = value.key or value.span or part.span
        yield part._replace(value=value, label=label, span=span)


def operator_templates(
    manifest: Manifest, row: Row, objects: Objects
) -> list[PodTemplate]:
    """The pods of an object of the table: those it holds, and those made of fields."""
    how = row["made"]
    if how in ("load", "none"):
        return []
    held = pod_templates(manifest)
    if how == "else" and held:
        return held
    made: list[PodTemplate] = []
    labels: set[str] = set()
    for part in parts_of(manifest, row):
        if not isinstance(part.value.data, dict):
            continue
        label = part.label or "model"
        label = label if label not in labels else f"{label}{len(labels)}"
        labels.add(label)
        made.append(_Maker(manifest, row, objects, part).template(label))
    return made or held  # of another version: pods where the walk finds them


class _Maker:
    """Makes the pod template of one part."""

    def __init__(
        self, manifest: Manifest, row: Row, objects: Objects, part: Part
    ) -> None:
        self.manifest = manifest
        self.row = row
        self.objects = objects
        self.part = part.value
        self.span = part.span
        self._at = part.at

    def template(self, label: str) -> PodTemplate:
        pod = self._fields("pod")
        container = self._fields("container")
        self._image(container)
        self._secrets(container)
        self._accelerators(pod, container)
        self._volumes(pod, container)
        container.setdefault("name", Value(label, self.span))
        own = Value(container, self.part.span or self.span, key=self.span)
        containers = [("containers", own), *_others(pod)]
        spec = Value(pod, self.part.span or self.span, key=self.span)
        return PodTemplate(
            spec,
            None,
            label,
            containers,
            self.span,
            partial=not self.row.get("whole", False),
            server=self._server(),
        )

    def _fields(self, kind: str) -> dict[str, Value]:
        columns: dict[str, list[str]] = self.row.get(kind, {})
        made: dict[str, Value] = {}
        for base in (v for path in columns.get("", ()) for v in self._at(path)):
            made.update(base.items())
        for name, paths in columns.items():
            for value in (v for path in paths for v in self._at(path)) if name else ():
                if name == "env":
                    value = _variables(value)
                before = made.get(name)
                if before is not None and name in _LISTS:
                    value = value.replace(data=(*before.elements(), *value.elements()))
                made[name] = value
        return made

    def _image(self, container: dict[str, Value]) -> None:
        """An image that is written in pieces, as one text."""
        image = container.get("image")
        if image is None or not isinstance(image.data, dict):
            return
        name = first(image, "repository", "name")
        registry, tag = first(image, "registry"), first(image, "tag")
        if name is None or name.text() is None or name.span is None:
            del container["image"]
            return
        pieces = [name]
        if registry is not None and registry.text():
            pieces = [registry, Value("/"), name]
        if tag is not None and tag.text():
            pieces += [Value(":"), tag]
        known = [piece.replace(data=settled(piece).text()) for piece in pieces]
        whole = joined(known, name.span)
        container["image"] = whole.replace(key=name.key)

    def _secrets(self, container: dict[str, Value]) -> None:
        """Variables that the operator takes from the Secrets that fields name."""
        variables, whole = [], []
        for entry in self.row.get("secrets", ()):
            for name in self._at(entry["path"]):
                if name.text() is None:
                    continue
                where = name.key or self.span
                reference = {"name": name}
                if "as" not in entry:
                    source = {"secretRef": Value(reference, name.span, key=where)}
                    whole.append(Value(source, name.span, key=where))
                    continue
                variable = Value(entry["as"], where)
                reference["key"] = variable
                inner = Value(reference, name.span, key=where)
                source = {"secretKeyRef": inner}
                found = {"name": variable, "valueFrom": Value(source, name.span)}
                variables.append(Value(found, name.span, key=where))
        _add(container, "env", variables, self.span)
        _add(container, "envFrom", whole, self.span)

    def _accelerators(self, pod: dict[str, Value], container: dict[str, Value]) -> None:
        types = [v for path in self.row.get("instance", ()) for v in self._at(path)]
        if types:
            name = "node.kubernetes.io/instance-type"
            selector = (
                dict(pod["nodeSelector"].items()) if "nodeSelector" in pod else {}
            )
            pod["nodeSelector"] = Value({**selector, name: types[0]}, types[0].span)
            return
        counts = [v for path in self.row.get("gpus", ()) for v in self._at(path)]
        counts += [v for path in self.row.get("gpu_with", ()) for v in self._at(path)]
        for path in self.row.get("profile", ()):
            counts += [v for v in self._at(path) if _PROFILE.search(text_of(v).lower())]
        if not counts:
            return
        resources = container.get("resources")
        held = dict(resources.items()) if resources is not None else {}
        limits = held.get("limits")
        inner = dict(limits.items()) if limits is not None else {}
        inner.setdefault(_GPU, counts[0])
        held["limits"] = Value(inner, counts[0].span, key=counts[0].key)
        container["resources"] = Value(held, counts[0].span, key=counts[0].key)

    def _server(self) -> str:
        """The server that the operator starts, as far as its kind or a field tells."""
        by_field = self.row.get("servers")
        if by_field is not None:
            name = text_of(first(self.part, by_field["path"]))
            return str(by_field.get(name, ""))
        return str(self.row.get("server", ""))

    # -- volumes ---------------------------------------------------------------

    def _volumes(self, pod: dict[str, Value], container: dict[str, Value]) -> None:
        volumes: list[Value] = []
        mounts: list[Value] = []
        for entry in self.row.get("volumes", ()):
            for source, at, where in self._sources(entry):
                name = Value(f"model-store-{len(volumes)}", where)
                path = at.replace(key=where)
                volumes.append(Value({"name": name, **source}, where, key=where))
                mounts.append(
                    Value({"name": name, "mountPath": path}, where, key=where)
                )
        _add(pod, "volumes", volumes, self.span)
        _add(container, "volumeMounts", mounts, self.span)

    def _sources(self, entry: Row) -> Iterator[tuple[dict[str, Value], Value, Span]]:
        """Volume sources of one column, with the path and the entry that states them."""
        at = text_of(first(self.part, entry.get("at_field", "-"))) or entry["at"]
        for value in self._at(entry["claims"]) if "claims" in entry else ():
            for one in value.elements() or (value,):
                name, path = first(one, entry["name"]), first(one, at)
                if name is not None and path is not None:
                    yield self._claim(name, path)
        for value in self._at(entry["source"]) if "source" in entry else ():
            if isinstance(value.data, dict):
                where = value.key or self.span
                yield dict(value.items()), Value(at, where), where
        for value in self._at(entry["host"]) if "host" in entry else ():
            yield self._host(value, at)
        for value in self._at(entry["uri"]) if "uri" in entry else ():
            yield from self._by_uri(value, at)
        for value in self._at(entry["cache"]) if "cache" in entry else ():
            name = self._cached(value)
            if name is not None:
                yield self._claim(name, Value(at))
        if "claim" in entry:
            yield from self._own_claims(entry, at)

    def _own_claims(
        self, entry: Row, at: str
    ) -> Iterator[tuple[dict[str, Value], Value, Span]]:
        named = self._at(entry["claim"])
        for value in named:
            yield self._claim(value, Value(at))
        made = first(self.part, entry["made"]) if "made" in entry else None
        if not named and made is not None and settled(made).boolean() is True:
            name = entry["made_as"].replace("{name}", self.manifest.name)
            yield self._claim(made.replace(data=name), Value(at))

    def _claim(self, name: Value, at: Value) -> tuple[dict[str, Value], Value, Span]:
        where = name.entry() or self.span
        source = Value({"claimName": name}, where, key=where)
        path = at if at.span is not None else at.replace(span=where)
        return {"persistentVolumeClaim": source}, path, where

    def _host(self, path: Value, at: str) -> tuple[dict[str, Value], Value, Span]:
        where = path.entry() or self.span
        source = Value({"path": path}, where, key=where)
        return {"hostPath": source}, Value(at, where), where

    def _by_uri(
        self, value: Value, at: str
    ) -> Iterator[tuple[dict[str, Value], Value, Span]]:
        """`pvc://claim/path` and `hostpath://path` (Kthena 0.3, 2026-11)."""
        scheme, _, rest = text_of(value).partition("://")
        if scheme == "pvc" and rest.strip("/"):
            name = rest.strip("/").partition("/")[0]
            yield self._claim(value.replace(data=name), Value(at))
        elif scheme == "hostpath" and rest.strip("/"):
            yield self._host(value.replace(data="/" + rest.strip("/")), at)

    def _cached(self, value: Value) -> Value | None:
        """The claim of the NIMCache of that name, where the scan holds it."""
        name = text_of(value)
        cache = self.objects.find("NIMCache", name, self.manifest) if name else None
        if cache is None:
            return None
        claim = first(cache.value, "spec.storage.pvc.name")
        made = first(cache.value, "spec.storage.pvc.create")
        if claim is not None:
            return claim.replace(span=value.span, key=value.key)
        if made is None or settled(made).boolean() is not True:
            return None
        # what the NIM operator calls the claim that it makes (3.x, 2026-11)
        return value.replace(data=f"{cache.name}-pvc")


def _variables(value: Value) -> Value:
    """Variables as a list of entries: from a mapping of names, or from `key` for `name`."""
    if not isinstance(value.data, dict):
        return value.replace(data=tuple(_named(one) for one in value.elements()))
    entries = [
        Value(
            {"name": Value(name, one.key or one.span), "value": one},
            one.span,
            key=one.key,
        )
        for name, one in value.items()
        if one.key is not None or one.span is not None
    ]
    return value.replace(data=tuple(entries))


def _named(entry: Value) -> Value:
    """An entry of variables whose name stands under `key` (BentoML), as Kubernetes has it."""
    if not isinstance(entry.data, dict) or "name" in entry.data:
        return entry
    name = entry.data.get("key")
    return entry if name is None else entry.replace(data={**entry.data, "name": name})


def _others(pod: dict[str, Value]) -> list[tuple[str, Value]]:
    """Containers that stand beside the made one in a pod spec of the part."""
    found: list[tuple[str, Value]] = []
    for name in ("containers", "initContainers"):
        listed = pod.pop(name, None)
        elements = listed.elements() if listed is not None else ()
        found += [(name, e) for e in elements if isinstance(e.data, dict | Unknown)]
    return found


def _add(fields: dict[str, Value], name: str, more: list[Value], span: Span) -> None:
    if not more:
        return
    before = fields.get(name)
    elements = before.elements() if before is not None else ()
    where = (before.span if before is not None else None) or span
    fields[name] = Value((*elements, *more), where, key=before.key if before else span)
