"""To which destinations a pod can open a connection, and which policy says so.

The layers of `estate/policy.py` are walked twice: once with every doubt in favour of
the connection, once with every doubt against it. What the two agree on is certain.
Ranges stay ranges: no address and no port is counted out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    Addresses,
    Ports,
    cut,
    is_internet,
    without,
)
from mlsec_lint.estate.selectors import both, first, holds
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.estate.addresses import Traffic
    from mlsec_lint.estate.policy import Applied, Mesh, PodPlace, Policy, Rule
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.source import Span

#: Past so many products of addresses and ports nobody is told anything certain.
MAX_PIECES = 400
#: Hosts that are whole name spaces and no allow-list.
ANY_HOST = frozenset({"*", "**", "*.*", "**.*", "*.com", "*.net", "*.org", "*.io"})


class Way(NamedTuple):
    """One way out of a pod.

    * `traffic`: addresses and ports; `hosts`, `entities`, `pods` (words) beside them;
    * `rule`, `policy`: what allows it; None for what no policy refuses;
    * `unknown`: why it may not be so, None where it is certain.
    """

    traffic: tuple[tuple[Addresses, Ports], ...]
    ports: Ports
    hosts: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    pods: str = ""
    rule: Rule | None = None
    policy: Policy | None = None
    unknown: Unknown | None = None

    @property
    def opens_internet(self) -> bool:
        """Whether it leads to so much of the internet that it is no allow-list."""
        return any(is_internet(where) for where, _ in self.traffic) or any(
            host in ANY_HOST for host in self.hosts
        )

    def texts(self) -> Iterator[str]:
        """The destinations in words ("10.0.0.0/8 on TCP 443")."""
        for where, which in self.traffic:
            shown = "anywhere" if where == EVERY_ADDRESS else where.text()
            yield f"{shown} on {which.text()}"
        for name in (*self.hosts, *self.entities, *([self.pods] if self.pods else ())):
            yield f"{name} on {self.ports.text()}"


@dataclass(slots=True)
class Egress:
    """What a pod can open a connection to, by the policies of its cluster.

    * `default_deny`: what no rule allows is refused (for destinations outside);
    * `internet`: the public internet is open to it;
    * `ways`: by what, certain or not; `policies`: those that apply, or may;
    * `mesh`: the side-car's registry, where it has one. It binds TCP of well-behaved
      processes only, so that it makes an open internet unknown, never closed.
    """

    default_deny: Truth
    internet: Truth
    ways: tuple[Way, ...] = ()
    policies: tuple[Applied, ...] = ()
    mesh: Mesh | None = None


def egress_of(estate: Estate, workload: Thing) -> Egress:
    """The answer for one workload; for one without a pod network all is Unknown."""
    pods = estate.pod_network
    place = pods.places.get(workload.address)
    if place is None:
        why = Unknown("unsupported", f"{workload.name} is no pod of a known network")
        return Egress(why, why)
    mesh = pods.meshes.get(workload.address)
    if place.host_network is True:
        return _host_network(mesh)
    too_many = pods.too_many.get(workload.address)
    if too_many is not None:
        return Egress(too_many, too_many, mesh=mesh)
    applied = pods.applied.get(workload.address, ())
    found = decide(applied, pods.held.get(workload.address, True))
    if isinstance(place.host_network, Unknown) and found.default_deny is True:
        found.default_deny = place.host_network
        found.internet = (
            found.internet if found.internet is True else place.host_network
        )
    return _meshed(found, mesh)


def _host_network(mesh: Mesh | None) -> Egress:
    """Policies of pods do not apply to what uses the node's own address."""
    way = Way(((EVERY_ADDRESS, EVERY_PORT),), EVERY_PORT)
    return Egress(default_deny=False, internet=True, ways=(way,), mesh=mesh)


def _meshed(egress: Egress, mesh: Mesh | None) -> Egress:
    if mesh is None:
        return egress
    egress.mesh = mesh
    bound = both(mesh.injected, mesh.registered_only)
    if bound is not False and egress.internet is True:
        egress.internet = Unknown(
            "unsupported",
            "the side-car lets only registered hosts out, which binds TCP of processes "
            "that do not go round it",
            span=mesh.span,
        )
    return egress


def decide(applied: Sequence[Applied], held: Truth = True) -> Egress:
    """The egress of a pod to which these policies apply. Pure; for tests as well."""
    most, least = _Walk(applied, lenient=True), _Walk(applied, lenient=False)
    try:
        most.run()
        least.run()
    except _TooManyError:
        why = Unknown("bound", f"more than {MAX_PIECES} ranges of addresses and ports")
        return Egress(why, why, policies=tuple(applied))
    sure = {id(way.rule): way.traffic for way in least.ways}
    ways = [_judged(way, sure, applied) for way in most.ways]
    if most.live:
        rest = Way(tuple(most.live), EVERY_PORT)
        doubt = None if least.live == most.live else _doubt(applied, None)
        if doubt is None and isinstance(held, Unknown):
            doubt = held
        ways.append(rest._replace(unknown=doubt))
    return Egress(
        _default_deny(most, least, applied, held),
        _internet(most, least, applied, held),
        tuple(ways),
        tuple(applied),
    )


def _default_deny(
    most: _Walk, least: _Walk, applied: Sequence[Applied], held: Truth
) -> Truth:
    if not _wide(most.rest):
        return True
    if _wide(least.rest):
        return held if isinstance(held, Unknown) else False
    return _doubt(applied, None)


def _internet(
    most: _Walk, least: _Walk, applied: Sequence[Applied], held: Truth
) -> Truth:
    if not most.opens():
        return False
    if least.opens(rest=False):
        return True
    if least.opens():
        return held if isinstance(held, Unknown) else True
    return _doubt(applied, None)


def _wide(traffic: Traffic) -> bool:
    return any(is_internet(where) for where, _ in traffic)


def _judged(
    way: Way,
    sure: dict[int, tuple[tuple[Addresses, Ports], ...]],
    applied: Sequence[Applied],
) -> Way:
    """A way of the lenient walk, with the doubt where the strict one differs."""
    if sure.get(id(way.rule)) == way.traffic:
        return way
    return way._replace(unknown=_doubt(applied, way))


def _doubt(applied: Sequence[Applied], way: Way | None) -> Unknown:
    """The first reason why something is not certain; that of the way itself first."""
    if way is not None and way.rule is not None:
        own = first(way.rule.unknown, way.rule.peer.unknown)
        if own is not None:
            return own
    for one in applied:
        if way is None or one.policy is way.policy:
            for truth in (one.truth, one.policy.isolates):
                if isinstance(truth, Unknown):
                    return truth
    for one in applied:
        for truth in (one.truth, one.policy.isolates):
            if isinstance(truth, Unknown):
                return truth
        for rule in one.policy.rules:
            found = first(rule.unknown, rule.peer.unknown)
            if found is not None:
                return found
    return Unknown("unsupported", "policies that are not certain decide it")


class _TooManyError(Exception):
    pass


@dataclass(slots=True)
class _Walk:
    """One walk through the layers, with all doubt for (`lenient`) or against it.

    `live` is what no rule has decided yet; `rest` what nothing has refused yet.
    """

    applied: Sequence[Applied]
    lenient: bool
    live: Traffic = field(default_factory=lambda: [(EVERY_ADDRESS, EVERY_PORT)])
    rest: Traffic = field(default_factory=lambda: [(EVERY_ADDRESS, EVERY_PORT)])
    ways: list[Way] = field(default_factory=list)

    def run(self) -> None:
        layers: dict[tuple[int, float], list[Applied]] = {}
        for one in self.applied:
            key = (one.policy.layer, one.policy.tier)
            layers.setdefault(key, []).append(one)
        for key in sorted(layers):
            self._layer(sorted(layers[key], key=lambda one: one.policy.order))

    def _layer(self, layer: list[Applied]) -> None:
        passed: tuple[Traffic, Traffic] = [], []
        pending: Traffic = []
        isolated = False
        for one in layer:
            isolated = isolated or self._isolates(one)
            for rule in one.policy.rules:
                certain = one.truth is True and rule.certain
                if rule.verdict == "allow":
                    if certain or self.lenient:
                        pending.extend(self._allow(rule, one.policy))
                    continue
                self._decide(pending)
                pending = []
                if rule.verdict == "pass":
                    self._pass(rule, passed, certain=certain)
                elif certain or not self.lenient:
                    self._refuse(rule)
        self._decide(pending)
        self.live = [*passed[0], *(() if isolated else self.live)]
        self.rest = [*passed[1], *(() if isolated else self.rest)]
        self._bounded()

    def _isolates(self, one: Applied) -> bool:
        truth = both(one.truth, one.policy.isolates)
        return truth is True or (not self.lenient and truth is not False)

    def _allow(self, rule: Rule, policy: Policy) -> Traffic:
        found = _covered(self.live, rule)
        peer = rule.peer
        inside = bool(peer.hosts or peer.entities or peer.pods)
        open_still = not inside or any(w.intersect(rule.ports) for _, w in self.live)
        if found or (inside and open_still):
            words = peer.pods.words if peer.pods is not None else ""
            self.ways.append(
                Way(
                    tuple(found),
                    rule.ports,
                    peer.hosts,
                    peer.entities,
                    words,
                    rule,
                    policy,
                )
            )
        return found

    def _pass(
        self, rule: Rule, passed: tuple[Traffic, Traffic], *, certain: bool
    ) -> None:
        """What goes on to the next layer. In doubt it may also stay in this one."""
        if certain or self.lenient:
            passed[0].extend(_covered(self.live, rule))
            passed[1].extend(_covered(self.rest, rule))
        if certain or not self.lenient:
            self._refuse(rule)

    def _refuse(self, rule: Rule) -> None:
        """Take what a rule is about out of this layer."""
        self._decide(_covered(self.live, rule))
        for where, which in _covered(self.rest, rule):
            self.rest = without(self.rest, where, which)
            self._bounded()

    def _decide(self, traffic: Traffic) -> None:
        for where, which in traffic:
            self.live = without(self.live, where, which)
            self._bounded()

    def _bounded(self) -> None:
        pieces = max(len(self.live), len(self.rest))
        if pieces > MAX_PIECES or len(self.ways) > 50 * MAX_PIECES:
            raise _TooManyError

    def opens(self, *, rest: bool = True) -> bool:
        """Whether the internet is open: by one way, by several together, by the rest."""
        if any(way.opens_internet for way in self.ways):
            return True
        groups: dict[Ports, Addresses] = {}
        pieces = [piece for way in self.ways for piece in way.traffic]
        for where, which in pieces + (self.live if rest else []):
            groups[which] = groups.get(which, NO_ADDRESS).union(where)
        for some in list(groups)[:MAX_PIECES]:
            together = NO_ADDRESS
            for which, where in groups.items():
                if not some.subtract(which):
                    together = together.union(where)
            if is_internet(together):
                return True
        return False


def _covered(live: Traffic, rule: Rule) -> Traffic:
    peer = rule.peer
    where = EVERY_ADDRESS if peer.everywhere else peer.addresses
    return cut(live, where, rule.ports) if where else []


def reaches(estate: Estate, workload: Thing, other: Thing) -> Truth:
    """Whether a pod can open a connection to some port of another pod.

    Only what the policies of the opening side say; whether the other side lets it in
    is another question. A rule with an address range may mean pods or not (network
    plug-ins differ): such a rule alone makes it Unknown.
    """
    pods = estate.pod_network
    place, target = pods.places.get(workload.address), pods.places.get(other.address)
    if place is None or target is None:
        why = f"{(workload if place is None else other).name} is no pod of a known network"
        return Unknown("unsupported", why)
    if place.host_network is True:
        return True
    applied = pods.applied.get(workload.address, ())
    return reaches_pod(applied, target)


def reaches_pod(applied: Sequence[Applied], target: PodPlace) -> Truth:
    """The same for a pod to which these policies apply. Pure."""
    most = _pod_ports(applied, target, lenient=True)
    if not most:
        return False
    if _pod_ports(applied, target, lenient=False):
        return True
    return _doubt(applied, None)


def _pod_ports(applied: Sequence[Applied], target: PodPlace, *, lenient: bool) -> Ports:
    """On which ports some connection to a pod is allowed."""
    live, allowed = EVERY_PORT, Ports()
    layers: dict[tuple[int, float], list[Applied]] = {}
    for one in applied:
        layers.setdefault((one.policy.layer, one.policy.tier), []).append(one)
    for key in sorted(layers):
        passed, isolated = Ports(), False
        for one in sorted(layers[key], key=lambda one: one.policy.order):
            truth = both(one.truth, one.policy.isolates)
            isolated = isolated or truth is True or (not lenient and truth is not False)
            for rule in one.policy.rules:
                hit = both(one.truth, _hits(rule, target))
                found = live.intersect(rule.ports)
                if rule.verdict == "deny":
                    if hit is True or (hit is not False and not lenient):
                        live = live.subtract(found)
                elif rule.verdict == "allow":
                    if hit is True or (hit is not False and lenient):
                        allowed = allowed.union(found)
                        live = live.subtract(found)
                elif hit is not False:
                    if hit is True or lenient:
                        passed = passed.union(found)
                    if hit is True or not lenient:
                        live = live.subtract(found)
        live = passed if isolated else live.union(passed)
    return allowed.union(live)


def _hits(rule: Rule, target: PodPlace) -> Truth:
    """Whether a rule is about a pod."""
    peer = rule.peer
    found: Truth = peer.everywhere
    if found is False and peer.pods is not None:
        named = holds(peer.pods.namespaces, target.namespace)
        found = both(named, holds(peer.pods.pods, target.labels))
    if found is False and peer.addresses:
        found = Unknown("unsupported", "address ranges may or may not mean pods")
    if found is True and not rule.certain:
        reason = first(rule.unknown, peer.unknown)
        return found if reason is None else reason
    return found


def openers(egress: Egress) -> list[tuple[Span, Rule, Unknown | None]]:
    """The rules that open the internet, each with its line and the doubt about it."""
    return [
        (way.rule.span, way.rule, way.unknown)
        for way in egress.ways
        if way.rule is not None and way.opens_internet
    ]
