"""What the tracers of access, reach and paths say to each other. Plain data.

A hop is one step of a walk: a thing, the line that states the step, and words that read
on from the hop before ("job writes checkpoints here").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.walks import Hop

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.value import Unknown

__all__ = ("Hop", "Out", "Reader")


class Out(NamedTuple):
    """One way by which what a workload holds can leave its network.

    * `sink`: `internet`; `host` (a named one); `any-store` (buckets of every account of
      the storage service `name`: "aws", "gcp", "azure"); `account` (a network of that
      account);
    * `name`: the host, provider or account; "" for the internet;
    * `hops`: from the workload outwards, the workload itself left out;
    * `unknown`: why it may be closed; None where the way is certainly open.
    """

    sink: str
    name: str
    hops: tuple[Hop, ...]
    unknown: Unknown | None = None


class Reader(NamedTuple):
    """One identity that can read a store, and how it comes to.

    * `identity`: the one that acts in the end; `sort` as in its fact;
    * `behind`: what stands behind it: `workload`, `person`, `ci`, `account` (outside),
      `service`, `everyone`, `nobody` (declared, and nothing uses it) or `unknown`;
    * `hops`: from the store to the identity, the store itself left out;
    * `unknown`: why it may not be a reader; None where it is one for certain.
    """

    identity: Thing
    sort: str
    behind: str
    hops: tuple[Hop, ...]
    unknown: Unknown | None = None
