"""What the networks of weight workloads are like, as facts that rules can ask for.

States `weights.held` of networks and gateways that weight workloads send through, which
routes of theirs lead to the internet, which machines have public addresses and open
doors. A rule's line is reported once, however many workloads lie behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import is_internet, ports
from mlsec_lint.estate.questions import KIND
from mlsec_lint.estate.selectors import both, first
from mlsec_lint.trace.pod_egress import egress_of, openers
from mlsec_lint.trace.reach import nodes_of
from mlsec_lint.trace.routes import chosen, decided, store_behind
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.estate.networks import Filter, Gateway, Guard, Place, Subnet
    from mlsec_lint.estate.policy import Policy
    from mlsec_lint.estate.questions import Question
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Settings

#: So many rules of one machine that open the internet are told.
MAX_OPENERS = 50
_HELD = "weights.held"
_DNS = ports("UDP", 53, 53).union(ports("TCP", 53, 53))
_ROUTE = "route.internet"
_PUBLIC = "address.public"


def trace_networks(estate: Estate, settings: Settings) -> None:
    """State the facts of networks, gateways and weight workloads."""
    facts = _Facts(estate)
    every = settings.assume == "all"
    for workload in list(estate.of("workload")):
        held = workload.fact(_HELD)
        if every or (held is not None and held.value is not False):
            facts.of(workload)
    facts.close()
    if every:
        _assume(estate)
        for cluster in estate.of("cluster"):
            facts.nodes(cluster)
        told = {(fact, span) for _, fact, span in facts.said}
        for guard in estate.networks.guards:
            _guard(estate, guard, told)


def _assume(estate: Estate) -> None:
    """Every gateway is taken to be used by what handles weights."""
    for gateway in estate.of("gateway"):
        if not gateway.evidence:
            words = "every gateway is taken to let weights through"
            gateway.holds_weights("assumed", words, gateway.span)
            gateway.state(_HELD, value=True)
            gateway.state("weights.evidence", "assumed")


def _guard(estate: Estate, guard: Guard, told: set[tuple[str, Span]]) -> None:
    """Rules of nobody are taken to be around weights, as far as no machine has them."""
    lines = [("admin.open", truth, span) for truth, span in guard.admin]
    lines += guard.also
    for one in guard.filters:
        for span, _, unsure in openers(decided(estate, one))[:MAX_OPENERS]:
            lines.append(("egress.allow_all", _yes(unsure), span))
    fresh = [
        (fact, truth, span) for fact, truth, span in lines if (fact, span) not in told
    ]
    if not fresh:
        return
    thing = estate.find("network", guard.thing.address) or estate.add(guard.thing)
    if not thing.evidence:
        words = "every rule of a network is taken to be around weights"
        thing.holds_weights("assumed", words, thing.span)
        thing.state(_HELD, value=True, span=thing.span)
        thing.state("weights.evidence", "assumed", thing.span)
        thing.state("type", "rules", thing.span)
    for fact, truth, span in fresh:
        thing.also(fact, truth, span)


@dataclass(slots=True)
class _Facts:
    """One run. `said` keeps a fact of a thing from being stated twice for a line.

    `which` is the question that the nodes being looked at are in doubt by, and by which
    edge.
    """

    estate: Estate
    said: set[tuple[int, str, Span]] = field(default_factory=set)
    networks: dict[int, Thing] = field(default_factory=dict)
    done: set[tuple[object, ...]] = field(default_factory=set)
    complete: dict[int, bool] = field(default_factory=dict)
    lists: set[tuple[int, int]] = field(default_factory=set)
    which: tuple[Question, Edge] | None = None

    def of(self, workload: Thing) -> None:
        """All that the places of a weight workload say."""
        own = self.estate.networks.of(workload)
        is_pod = workload.address in self.estate.pod_network.places
        for place in own:
            self._own(workload, place)
            self._place(workload, place)
        if own or not is_pod:
            return
        self._pod(workload)
        held = workload.fact(_HELD)
        for edge, (places, hops) in nodes_of(self.estate, workload):
            sure = held is not None and held.value is True
            which = self._which(workload, edge)
            key = (id(edge.target), id(places), edge.certain, sure, id(which))
            if key in self.done:
                continue
            self.done.add(key)
            other = edge.certain or which is not None
            doubt = None if other else Unknown("unsupported", edge.why)
            doubt = first(doubt, *(hop.unknown for hop in hops))
            self.which = None if which is None else (which, edge)
            for place in places:
                if place.public_span is not None:
                    span = place.public_span
                    self._also(edge.target, _PUBLIC, place.public, span)
                self._admin(edge.target, place)
                self._place(workload, place, doubt)
            self.which = None

    def _which(self, workload: Thing, edge: Edge) -> Question | None:
        """The question that puts an edge to a cluster in doubt, where it is one."""
        return None if edge.certain else self.estate.questions.of(workload)

    def _also(self, thing: Thing, fact: str, value: Truth, span: Span) -> None:
        key = (id(thing), fact, span)
        if key not in self.said:
            self.said.add(key)
            thing.also(fact, value, span)

    def nodes(self, cluster: Thing) -> None:
        """Public addresses of a cluster's nodes, where no group of nodes has said so."""
        told = {(fact, span) for _, fact, span in self.said}
        for place in self.estate.networks.of(cluster):
            if place.public_span is not None and not place.provided:
                if (_PUBLIC, place.public_span) not in told:
                    self._also(cluster, _PUBLIC, place.public, place.public_span)

    # -- the workload's own --------------------------------------------------------

    def _own(self, workload: Thing, place: Place) -> None:
        if place.public_span is not None and not place.provided:
            self._also(workload, _PUBLIC, place.public, place.public_span)
        elif place.provided and place.public is True:
            span = place.public_span or place.span
            self._also(workload, _PUBLIC, place.public, span)
        self._admin(workload, place)
        notebook = workload.fact("session.notebook")
        if notebook is not None and notebook.value is not False:
            self._notebook(workload, place)
        if place.isolated is True:
            return
        doubt = place.isolated if isinstance(place.isolated, Unknown) else None
        doubt = first(doubt, place.unknown)
        if place.provided:
            self._also(workload, _ROUTE, _yes(doubt), place.span)
        for one in place.filters:
            for span, _, unsure in openers(decided(self.estate, one))[:MAX_OPENERS]:
                why = first(unsure, place.unknown)
                self._also(workload, "egress.allow_all", _yes(why), span)

    def _admin(self, thing: Thing, place: Place) -> None:
        """A rule opens a port to the internet where there is an address to reach."""
        for truth, span in place.admin:
            if place.public is not False:
                self._also(thing, "admin.open", both(truth, place.public), span)
        if thing.fact("admin.open") is None and place.unknown is None:
            if place.public is False:
                words = "it has no public address"
                thing.state("admin.open", value=False, span=place.span, default=words)
            elif place.filters and all(map(self._is_known, place.filters)):
                thing.state("admin.open", value=False, span=place.filters[0].span)

    def _is_known(self, one: Filter) -> bool:
        """Whether the scan holds all rules of a filter."""
        found = self.complete.get(id(one.applied))
        if found is None:
            rules = [r for applied in one.applied for r in applied.policy.rules]
            found = self.complete[id(one.applied)] = all(r.certain for r in rules)
        return found

    def _notebook(self, workload: Thing, place: Place) -> None:
        """A way of a notebook's own: the service's network, or a public address."""
        fact = "internet.direct"
        if place.provided:
            self._also(workload, fact, _yes(place.unknown), place.span)
        elif place.public is not False and place.public_span is not None:
            self._also(workload, fact, place.public, place.public_span)
        elif workload.fact(fact) is None and place.unknown is None:
            workload.state(fact, value=False, span=place.span)

    def _pod(self, workload: Thing) -> None:
        """Name servers anywhere, and lists of hosts with whole storage services."""
        for way in egress_of(self.estate, workload).ways:
            if way.rule is None:
                continue
            for host in way.hosts:
                if store_behind(host):
                    value = _yes(way.unknown)
                    self._also(workload, "hosts.any_store", value, way.rule.span)
                elif way.unknown is None and not way.opens_internet:
                    workload.state("hosts.listed", value=True, span=way.rule.span)
            only_names = not way.ports.subtract(_DNS)
            if only_names and any(is_internet(where) for where, _ in way.traffic):
                value = _yes(way.unknown)
                self._also(workload, "dns.open", value, way.rule.span)

    # -- the network ---------------------------------------------------------------

    def _place(
        self, workload: Thing, place: Place, doubt: Unknown | None = None
    ) -> None:
        subnet = self.estate.networks.subnets.get(place.subnet)
        if subnet is None or place.isolated is True:
            return
        doubt = first(doubt, place.unknown)
        net = self._network(subnet)
        self.networks.setdefault(id(net), net)
        self._hold(net, workload, place.span, doubt)
        self._hold(subnet.thing, workload, place.span, doubt)
        which = None if self.which is None else self.which[0]
        sure_place = (doubt is None, id(which))
        key = (id(subnet.routes), id(net), place.public is False, sure_place)
        held = workload.fact(_HELD)
        sure = held is not None and held.value is True
        if (*key, sure) not in self.done:
            self.done.add((*key, sure))
            self._routes(workload, place, subnet, net, doubt)
        if subnet.open is not None:
            self._also(net, _ROUTE, subnet.open, subnet.thing.span)
        for door in subnet.doors:
            self._hold(door.thing, workload, place.span, first(doubt, door.unknown))

    def _routes(
        self,
        workload: Thing,
        place: Place,
        subnet: Subnet,
        net: Thing,
        doubt: Unknown | None,
    ) -> None:
        """The gateways of a subnet, and each route of it that is open to the internet."""
        for one in chosen(self.estate, subnet):
            gateway = self.estate.networks.gateways.get(one.route.gateway)
            if gateway is None:
                continue
            self._hold(gateway.thing, workload, place.span, doubt)
            self._gateway(gateway)
            if gateway.opens != "internet" or not is_internet(one.most):
                continue
            if gateway.needs_public and place.public is False and _only_own(gateway):
                continue
            why = first(one.route.unknown, gateway.unknown)
            if why is None and not is_internet(one.least):
                why = Unknown("unsupported", "another route may be taken")
            self._also(net, _ROUTE, _yes(why), one.route.span)

    def _network(self, subnet: Subnet) -> Thing:
        edges = self.estate.edges_from(subnet.thing, "lies in")
        return edges[0].target if edges else subnet.thing

    def _hold(
        self, thing: Thing, workload: Thing, span: Span, doubt: Unknown | None
    ) -> None:
        """What weight workloads send through is a matter of weights."""
        held = workload.fact(_HELD)
        if held is None or held.value is False:
            return
        if self.which is not None and held.value is True and doubt is None:
            question, edge = self.which
            question.put_around(edge.target, thing)
            doubt = Unknown(KIND, edge.why, span=edge.span)
        if held.value is True and doubt is None:
            words = f"{workload.name}, which handles weights, sends through it"
            if not thing.evidence:
                thing.holds_weights(strongest(workload), words, span)
            best = strongest(thing)
            thing.state(_HELD, value=True, span=span)
            thing.state("weights.evidence", best, span)
        elif thing.fact(_HELD) is None:
            value = held.value if isinstance(held.value, Unknown) else doubt
            assert isinstance(value, Unknown)
            thing.state(_HELD, value, span)

    def _gateway(self, gateway: Gateway) -> None:
        """Whose network lies behind it, and whether it lets named hosts through only."""
        thing = gateway.thing
        if gateway.account != "" and thing.fact("account") is None:
            thing.state("account", gateway.account)
        for one in gateway.filters:
            key = (id(thing), id(one.applied))
            if key in self.lists:
                continue
            self.lists.add(key)
            egress = decided(self.estate, one)
            listed = egress.internet
            value = listed if isinstance(listed, Unknown) else not listed
            thing.state("hosts.listed", value, one.span)
            for applied in one.applied:
                self._names(thing, applied.policy)

    def _names(self, thing: Thing, policy: Policy) -> None:
        for rule in policy.rules:
            if rule.verdict == "allow" and any(map(store_behind, rule.peer.hosts)):
                value = _yes(rule.unknown)
                self._also(thing, "hosts.any_store", value, rule.span)

    def close(self) -> None:
        """What no line says is so."""
        for net in self.networks.values():
            if net.fact(_ROUTE) is None:
                words = "no route of its subnets leads to the internet"
                net.state(_ROUTE, value=False, default=words)


def _is_known(one: Filter) -> bool:
    """Whether the scan holds all rules of a filter."""
    return all(rule.certain for applied in one.applied for rule in applied.policy.rules)


def _only_own(gateway: Gateway) -> bool:
    """Whether every network of the cloud has such a route: Google Cloud's, Azure's own."""
    return gateway.thing.provider in ("gcp", "azure")


def _yes(doubt: Unknown | None) -> Truth:
    return True if doubt is None else doubt
