"""S3 endpoints that a job's environment sets: its `s3://` stores lie there, not at Amazon.

`AWS_ENDPOINT_URL_S3` beats `AWS_ENDPOINT_URL` (AWS SDKs and tools reference guide,
service-specific endpoints, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.estate.places import state_place
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.estate import Thing
    from mlsec_lint.value import Value

_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def endpoint_of(environment: Mapping[str, Value]) -> Value | None:
    """The S3 endpoint that an environment sets; None where it is Amazon's own."""
    for name in _VARIABLES:
        value = environment.get(name)
        if value is None or value.is_null or value.data == "":
            continue
        found = place_of_host(value.data) if isinstance(value.data, str) else None
        return None if found is not None and found.provider == "aws" else value
    return None


def put_at_endpoint(store: Thing, endpoint: Value) -> str:
    """State where an undeclared store lies that is reached by an endpoint.

    For a declared one: why it is not certain that it is this one; else "".
    """
    if not store.address.startswith("s3://") and store.provider != "aws":
        return ""
    shown = endpoint.data if isinstance(endpoint.data, str) else "an unknown endpoint"
    declared = store.fact("declared")
    if declared is not None and declared.value is True:
        return f"the job reaches its stores at {shown}, not at Amazon"
    span = endpoint.span
    if "place.region" in store.facts or span is None:
        return ""
    found = place_of_host(shown) if isinstance(endpoint.data, str) else None
    if found is not None and found.place is not None:
        place: str | Unknown = found.place.id
    elif isinstance(endpoint.data, Unknown):
        place = endpoint.data._replace(possible=None, parts=(), symbol=None)
    else:
        why = f"the table of places knows no region of the endpoint {shown}"
        place = Unknown("unsupported", why, span=span)
    owner = found.provider if found is not None else "aws"
    state_place(store, owner, place, span, trail=endpoint.trail)
    return ""
