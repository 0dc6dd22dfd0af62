"""In which network a managed training job runs, as its own file says.

SageMaker: without isolation and without a VPC a job runs in the service's network, with
the internet (SageMaker developer guide, "Give training jobs access to resources in your
VPC"). Vertex: without a network or a Private Service Connect interface in Google's, with
the internet (Vertex AI, "Use private IP for custom training"). Both read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Place
from mlsec_lint.lower.scalars import given, put_bool, settled
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.value import Value

_FACT = "network.isolated"


def lie_in_service(estate: Estate, workload: Thing, *, cut_off: bool = False) -> None:
    """A managed run that says no network of its own lies in the service's, open to all.

    `cut_off`: what `network.isolated` says is a switch that takes the network away.
    """
    fact = workload.fact(_FACT)
    if fact is None:
        return
    # where nobody can tell, whoever asks for the network finds none: said once is enough
    if isinstance(fact.value, Unknown):
        return
    words = f"the network of the service that runs {workload.name}"
    if fact.value is False or cut_off:
        isolated = fact.value is True
        place = Place(fact.span, provided=True, isolated=isolated, words=words)
        estate.networks.put(workload, place)


def sagemaker_network(workload: Thing, job: Value) -> None:
    """State whether a SageMaker job is isolated, and its nodes' traffic encrypted."""
    isolated = given(job, "EnableNetworkIsolation")
    subnets = given(job, "VpcConfig", "Subnets")
    if isolated is not None and settled(isolated).boolean() is not False:
        put_bool(workload, _FACT, isolated)
    elif subnets is not None and subnets.data != ():
        workload.state(_FACT, value=True, span=subnets.entry(), trail=subnets.trail)
    elif isolated is not None:
        put_bool(workload, _FACT, isolated)
    else:
        words = (
            "neither EnableNetworkIsolation nor VpcConfig: the service's own network"
        )
        workload.state(_FACT, value=False, default=words)
    _sealed(workload, job)


def _sealed(workload: Thing, job: Value) -> None:
    """One node says nothing to others."""
    sealed = given(job, "EnableInterContainerTrafficEncryption")
    if sealed is not None:
        put_bool(workload, "traffic.sealed", sealed)
        return
    count = given(job, "ResourceConfig", "InstanceCount")
    number = settled(count).integer() if count is not None else None
    if isinstance(number, int) and number > 1:
        words = "EnableInterContainerTrafficEncryption is off unless set"
        workload.state("traffic.sealed", value=False, default=words)


def vertex_network(workload: Thing, network: Value | None, psc: Value | None) -> None:
    """State whether a Vertex job runs in a network of the lab."""
    for value in (network, psc):
        if value is not None and value.data not in ("", (), None):
            data = settled(value).data
            known = data if isinstance(data, Unknown) else True
            workload.state(_FACT, known, value.entry(), trail=value.trail)
            return
    words = "no network and no pscInterfaceConfig: Google's own network"
    workload.state(_FACT, value=False, default=words)
