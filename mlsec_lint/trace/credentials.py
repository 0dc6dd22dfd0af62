"""Which credentials in config matter for weights.

A token of a hub, tracker, registry or cloud opens what the lab keeps there, wherever it
stands. A password or token that only its name tells (`MYSQL_ROOT_PASSWORD`) matters
where a workload carries it that handles weights or asks for accelerators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.settings import Settings

#: Sorts that say nothing of what they open: told by a name's ending alone.
GENERIC = frozenset({"password", "token", "api-key", "private-key"})


def trace_credentials(estate: Estate, settings: Settings) -> None:
    """State `opens.weights` of every secret."""
    for secret in estate.of("secret"):
        sort = secret.fact("type")
        if settings.assume == "all" or (sort and sort.value not in GENERIC):
            secret.state("opens.weights", True, secret.span)  # noqa: FBT003
        else:
            secret.state("opens.weights", _near_weights(estate, secret))


def _near_weights(estate: Estate, secret: Thing) -> bool | Unknown:
    """Whether one of those that carry it has to do with weights."""
    doubt: Unknown | None = None
    for holder in _holders(estate, secret):
        for name in ("weights.held", "accelerator"):
            fact = holder.fact(name)
            if fact is None:
                continue
            if isinstance(fact.value, Unknown):
                doubt = fact.value
            elif fact.value is True:
                return True
    return False if doubt is None else doubt


def _holders(estate: Estate, secret: Thing) -> Iterator[Thing]:
    """Those that carry the secret, and the workloads that they are parts of."""
    for edge in estate.edges_to(secret, "carries"):
        yield edge.source
        for verb in ("has", "runs"):
            yield from (up.source for up in estate.edges_to(edge.source, verb))
