"""MLflow servers in a cluster: a second door to the stores of their artifacts.

Where a server keeps artifacts, its command line or environment says (mlflow.org,
`mlflow server`, 2026-11); without either they lie on what is mounted. Who can talk to
it was told before, by its services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.workload import Pod

_FLAG = regex(r"--(?:default-artifact-root|artifacts-destination)(?:[= ]+(\S+))?")
_VARIABLES = ("MLFLOW_DEFAULT_ARTIFACT_ROOT", "MLFLOW_ARTIFACTS_DESTINATION")
_OUTSIDE = ("internet", "node", "network")
_SURFACE = "MLflow"


def lower_model_registries(inputs: Inputs, estate: Estate) -> None:
    """State `registry.private` of the stores behind each MLflow server with a service."""
    pods = {id(p.workload): p for p in inputs.objects.pods} if inputs.objects else {}
    for service in estate.of("service"):
        surface, answers = service.fact("surface.name"), service.fact("anonymous.from")
        if surface is None or surface.value != _SURFACE or answers is None:
            continue
        private: bool | Unknown
        if isinstance(answers.value, Unknown):
            private = answers.value._replace(possible=None, parts=())
        else:
            private = answers.value not in _OUTSIDE
        for edge in estate.edges_from(service, "exposes"):
            pod = pods.get(id(edge.target))
            for store in _stores(estate, pod) if pod is not None else ():
                store.also("registry.private", private, answers.span)


def _stores(estate: Estate, pod: Pod) -> Iterator[Thing]:
    """The stores of a server's artifacts, which hold the models registered with it."""
    found = False
    for _, container in pod.template.containers:
        for value in _roots(container):
            named = referred_store(estate, value)
            if named is None or value.span is None:
                continue
            found = True
            for store in named.stores if named.certain else ():
                words = f"{pod.workload.name}, an MLflow server, keeps artifacts there"
                store.holds_weights("referenced", words, value.span)
                yield store
    if found:
        return
    for edge in estate.edges_from(pod.workload, "mounts"):
        for behind in estate.edges_from(edge.target, "is backed by"):
            yield behind.target


def _roots(container: Value) -> Iterator[Value]:
    """The values that name where artifacts are kept."""
    words = [
        word
        for name in ("command", "args")
        if (listed := given(container, name)) is not None
        for word in listed.elements() or (listed,)
    ]
    for number, word in enumerate(words):
        text = text_of(word)
        for match in _FLAG.finditer(text[:10_000]):
            if match[1]:
                yield word.replace(data=match[1].strip("\"'"))
            elif number + 1 < len(words):
                yield words[number + 1]
    listed = given(container, "env")
    for entry in listed.elements() if listed is not None else ():
        value = given(entry, "value")
        if text_of(entry.get("name")) in _VARIABLES and value is not None:
            yield value
