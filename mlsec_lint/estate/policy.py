"""Network policies in words of no vendor: what may open a connection to what.

A lowering states, for each pod, which policies apply to it; `trace/pod_egress.py` says
what follows. Layers are asked in order; within a layer, policies by `order` and rules
as they stand, the first that matches decides. A layer in which some policy isolates the
pod refuses what no rule of it matched; else the next layer is asked. At the end, all
is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import EVERY_PORT, NO_ADDRESS, Addresses, Ports
from mlsec_lint.estate.selectors import NOTHING, Labels, Selector

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Unknown

#: Layers in the order in which they are asked; tiers of Calico lie between.
ADMIN, TIERS, MAIN, BASELINE = 0, 1, 2, 3
#: Where policies without an order of their own stand in the main layer: denials of a
#: deny-first implementation, plain allow-lists, and what names no order.
DENY_FIRST, PLAIN, LAST = -1.0e18, 1000.0, 1.0e18


class Pods(NamedTuple):
    """Pods by the labels of their namespaces and their own."""

    namespaces: Selector
    pods: Selector
    words: str


class Peer(NamedTuple):
    """Where a rule lets connections go, or refuses them. Its parts are a union.

    * `addresses`: outside the cluster; `pods`: in it; `hosts`: names, `*` for anything;
    * `entities`: other words: `node`, `control-plane`, `ingress`;
    * `unknown`: why it may be less than that (it is never more).
    """

    addresses: Addresses = NO_ADDRESS
    pods: Pods | None = None
    hosts: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    everywhere: bool = False
    unknown: Unknown | None = None


class Rule(NamedTuple):
    """One peer on some ports: `verdict` is `allow`, `deny` or `pass`.

    `span` is what a finding points at, the line that names the peer.
    """

    verdict: str
    peer: Peer
    ports: Ports
    span: Span
    unknown: Unknown | None = None
    trail: tuple[Step, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether it matches all that it says, and surely."""
        return self.unknown is None and self.peer.unknown is None


@dataclass(slots=True, eq=False)
class Policy:
    """A policy with its rules for connections that pods open.

    * `layer`, `order`: see the module's text; `tier` orders tiers of the layer TIERS;
    * `isolates`: what no rule of its layer matched is refused.
    """

    name: str
    address: str
    span: Span
    layer: int
    rules: tuple[Rule, ...]
    order: float = PLAIN
    tier: float = 0.0
    isolates: Truth = True
    root: str = ""


class Applied(NamedTuple):
    """A policy that applies to a pod, or may."""

    policy: Policy
    truth: Truth


@dataclass(slots=True)
class PodPlace:
    """What policies see of a pod.

    `host_network`: it uses the node's address, and policies of pods do not apply to it.
    """

    labels: Labels
    namespace: Labels
    host_network: Truth = False


class Mesh(NamedTuple):
    """A side-car through which the pod's TCP connections go, and what it lets out.

    `registered_only`: only hosts of the mesh's registry; `injected`: whether the pod
    has the side-car.
    """

    injected: Truth
    registered_only: Truth
    hosts: tuple[str, ...]
    span: Span


@dataclass(slots=True)
class PodNetwork:
    """Pods and the policies that apply to them, by address of the workload.

    * `held`: True where the scan holds what decides over the pod's network: policies of
      its namespace, the namespace or the cluster; else an Unknown with the reason;
    * `too_many`: pods whose policies were too many to look at, with the reason.
    """

    places: dict[str, PodPlace] = field(default_factory=dict)
    applied: dict[str, tuple[Applied, ...]] = field(default_factory=dict)
    held: dict[str, Truth] = field(default_factory=dict)
    meshes: dict[str, Mesh] = field(default_factory=dict)
    too_many: dict[str, Unknown] = field(default_factory=dict)


EVERYWHERE = Peer(everywhere=True)
NOWHERE = Peer(pods=Pods(NOTHING, NOTHING, "nothing"))
__all__ = ["EVERYWHERE", "EVERY_PORT", "NOWHERE", "Peer", "Policy", "Rule"]
