"""Endpoints of Azure ML: from where they answer whom, and what stands behind them.

learn.microsoft.com/azure/machine-learning/reference-yaml-endpoint-online and -batch,
concept-secure-online-endpoint, read 2026-11: every mode of login asks who comes; an
online endpoint answers on the internet unless public access is disabled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.azure_ml_places import switched
from mlsec_lint.lower.jobs.job_file import header
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

#: Modes of login, and what a caller shows; all ask.
_MODES = {
    "key": "key",
    "aml_token": "token",
    "amltoken": "token",
    "aad_token": "directory",
    "aadtoken": "directory",
}


def endpoint(estate: Estate, document: Document) -> Thing:
    """An endpoint as a service in front of a model."""
    root, span = document.value, header(document)
    name = text_of(given(root, "name"))
    address = estate.free("service", f"{span.path}#{name or 'endpoint'}")
    service = estate.add(Thing("service", address, address, span, "azure-ml"))
    if name:
        estate.call(service, f"azureml-endpoint:{name}")
    service.state("surface", "model", span)
    service.state("surface.name", "Azure ML endpoint", span)
    where = _exposure(service, root)
    asks = _login(service, given(root, "auth_mode"))
    answers: str | Unknown = "nobody" if asks is True else where
    if isinstance(asks, Unknown):
        answers = asks
    service.state("anonymous.from", answers, span)
    return service


def _exposure(service: Thing, root: Value) -> str | Unknown:
    value = given(root, "public_network_access")
    if value is None:
        if given(root, "compute") is not None:  # of a cluster of Kubernetes
            why = "the cluster of the compute decides where its endpoints answer"
            unknown = Unknown("resource", why, span=service.span)
            service.state("exposure", unknown)
            return unknown
        words = "Azure ML: on the internet unless public_network_access is disabled"
        service.state("exposure", "internet", default=words)
        return "internet"
    public = switched(value)
    where = public if isinstance(public, Unknown) else _place(public)
    service.state("exposure", where, value.entry() or service.span, trail=value.trail)
    return where


def _place(public: bool | None) -> str:
    return "internet" if public else "network"


def _login(service: Thing, mode: Value | None) -> bool | Unknown:
    """Whether somebody asks; how is a fact of its own."""
    if mode is None:
        words = "Azure ML: a key, unless auth_mode says how"
        service.state("authenticated", value=True, default=words)
        service.state("authenticated.by", "key", default=words)
        return True
    span = mode.entry() or service.span
    text = settled(mode).text()
    if isinstance(text, Unknown):  # whatever it is: each of the modes asks
        service.state("authenticated", value=True, span=span)
        doubt = text._replace(possible=None, parts=())
        service.state("authenticated.by", doubt, span, trail=mode.trail)
        return True
    known = _MODES.get((text or "").strip().lower())
    if known is None:
        wrong = Unknown("error", "this is no mode of login", span=mode.span)
        service.state("authenticated", wrong, span)
        return wrong
    service.state("authenticated", value=True, span=span)
    service.state("authenticated.by", known, span, trail=mode.trail)
    return True


def behind(estate: Estate, deployments: Iterable[tuple[Thing, Value]]) -> None:
    """`exposes` edges from endpoints to the deployments that name them."""
    for workload, root in deployments:
        value = given(root, "endpoint_name")
        name = text_of(value)
        span = value.entry() if value is not None else None
        if not name or span is None:
            continue
        found = estate.named(f"azureml-endpoint:{name}", "service")
        beside = [s for s in found if _folder(s.span.path) == _folder(span.path)]
        found = beside or found
        for service in found:
            sure = len(found) == 1
            why = "" if sure else f"{len(found)} endpoints are called {name}"
            estate.link(service, "exposes", workload, span, certain=sure, why=why)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
