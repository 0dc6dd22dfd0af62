"""From where models answer that operators of the table of model kinds serve.

Column `expose` of policies/data/model_kinds.json: an annotation by which the operator
makes a load balancer, a block that asks for an ingress, or a gateway that all models of
the operator answer behind; without any of them a service of the cluster. None of these
operators puts a login before a model by itself (their documentation, 2026-11-24).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.kubernetes.exposure.login import annotated
from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    Reach,
    balancer_reach,
    ingress_reach,
)
from mlsec_lint.lower.kubernetes.model_kinds import first, model_rows, select
from mlsec_lint.lower.scalars import given, settled
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.model_kinds import Row

#: Fields by which blocks of operators name the class of their ingress (Dynamo, KAITO).
_CLASSES = ("ingressControllerClassName", "ingressClassName", "className")
_MOST = 20


class Served(NamedTuple):
    """A way to a model: from where it answers, and whether it asks for a login first.

    `behind`: the other objects whose pods answer by it, beside those of its own;
    `label`: the template of the object that answers, "" for all.
    """

    manifest: Manifest
    suffix: str
    reach: Reach
    login: Truth
    program: str
    behind: tuple[Manifest, ...] = ()
    label: str = ""


def operated(objects: Objects) -> Iterator[Served]:
    """Every way to a model that an operator of the table opens."""
    for row in model_rows():
        for manifest in objects.of(row["kind"]) if "expose" in row else ():
            if manifest.api_version.partition("/")[0] == row["group"]:
                yield from _ways(manifest, row)


def _ways(manifest: Manifest, row: Row) -> Iterator[Served]:
    expose, program = row["expose"], row["program"]
    if "unless" in expose and select(manifest.value, expose["unless"]):
        return
    login = annotated(given(manifest.value, "metadata"))
    yield Served(manifest, "", _service(manifest, expose, program), login, program)
    blocks = select(manifest.value, expose["ingress"]) if "ingress" in expose else []
    for block in blocks[:_MOST]:
        reach, asked = _ingress(manifest, block)
        if reach is not None:
            yield Served(manifest, "#ingress", reach, asked, program)


def _service(manifest: Manifest, expose: Row, program: str) -> Reach:
    """The service that the operator makes for the model in any case."""
    span = manifest.span
    if expose.get("gateway"):
        why = f"where the gateway of {program} answers, its service says"
        name = f"the service of the gateway of {program}"
        return Reach(Unknown("unsupported", why, name, span=span), span)
    if "balancer" in expose:
        key, word = expose["balancer"]
        value = given(manifest.value, "metadata", "annotations", key)
        text = settled(value).text() if value is not None else None
        where = (value.entry() if value is not None else None) or span
        if isinstance(text, Unknown):
            return Reach(text, where)
        if text == word:
            return balancer_reach(
                _object(manifest, None, None), where, aws_controller=False
            )
    return Reach(CLUSTER, span, f"{program}: a service of the cluster")


def _ingress(manifest: Manifest, block: Value) -> tuple[Reach | None, Truth]:
    """What a block asks for: `enabled` in a mapping, or a switch by itself."""
    mapping = isinstance(block.data, dict)
    switch = first(block, "enabled") if mapping else block
    on = settled(switch).boolean() if switch is not None else None
    span = block.entry() or manifest.span
    if isinstance(on, Unknown):
        return Reach(on, span), False
    if on is not True:
        return None, False
    name = first(block, *_CLASSES) if mapping else None
    spec = Value({"ingressClassName": name}) if name is not None else None
    made = _object(manifest, first(block, "annotations") if mapping else None, spec)
    reach = ingress_reach(made)
    return reach._replace(span=span), annotated(given(made.value, "metadata"))


def _object(
    manifest: Manifest, annotations: Value | None, spec: Value | None
) -> Manifest:
    """The object that an operator makes, as far as its reach depends on it."""
    metadata = {} if annotations is None else {"annotations": annotations}
    value = Value({"metadata": Value(metadata), "spec": spec or Value({})})
    return replace(manifest, value=value)
