"""Where workloads of Azure lie: machines, scale sets, AKS nodes, computes of ML workspaces.

What has no subnet of its own lies in a network of the service: of a cluster that has
an outbound type other than `none` or `block`, and of a compute without managed
isolation, it is open to the internet (AKS and Azure ML documentation, 2026-11). Does
not model: web and function apps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_PORT, NO_ADDRESS
from mlsec_lint.estate.networks import Filter, Place
from mlsec_lint.estate.policy import MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.azure.machines import CLUSTER, MACHINES, POOL
from mlsec_lint.lower.azure.managed import COMPUTES, WORKSPACE, workspace_of
from mlsec_lint.lower.azure.network.admin import admin_open
from mlsec_lint.lower.azure.network.balancers import ways_of_card, ways_of_pools
from mlsec_lint.lower.azure.network.ranges import doubt_of, names_one, peer_of, plain
from mlsec_lint.lower.azure.network.subnets import SUBNET
from mlsec_lint.lower.azure.network.ways import WayOut
from mlsec_lint.lower.lying import lie_in
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    given,
    read_bool,
    read_text,
    span_of,
)
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.azure.network.subnets import Subnets
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

NIC = "azurerm_network_interface"
_NIC_GROUP = "azurerm_network_interface_security_group_association"
_RULES = (
    ("azurerm_machine_learning_workspace_network_outbound_rule_fqdn",
     "destination_fqdn"),
    ("azurerm_machine_learning_workspace_network_outbound_rule_service_tag",
     "service_tag"),
)  # fmt: skip
_APPROVED = "allowonlyapprovedoutbound"
_OWN_NAT = "the cluster's own NAT gateway leads out to the internet"
#: Outbound types by which the nodes of a cluster leave on their own, and how.
_OWN_WAY = {
    "loadbalancer": "the cluster's own load balancer leads out to the internet",
    "managednatgateway": _OWN_NAT,
    "managednatgatewayv2": _OWN_NAT,
}


@dataclass(slots=True)
class Places:
    """Tells for each workload of a root where it lies."""

    subnets: Subnets

    def read(self) -> None:
        """State the places of all machines, node pools, clusters and computes."""
        here = self.subnets.ways.here
        for resource in here.of(*MACHINES):
            made = self._scale_set if "scale_set" in resource.type else self._machine
            self._put("workload", resource, made(resource))
        for cluster in here.of(CLUSTER):
            pools = blocks(cluster.values, "default_node_pool")
            for block in pools[:1]:
                found = tuple(self._nodes(cluster, cluster, block))
                self._put("workload", cluster, iter(found))
                self._put("cluster", cluster, iter(found))
        for pool in here.of(POOL):
            named = given(pool.values, "kubernetes_cluster_id")
            clusters = here.parents(named, (CLUSTER,))
            if len(clusters) == 1:
                self._put("workload", pool, self._nodes(clusters[0], pool, pool.values))
        for compute in here.of(*COMPUTES):
            self._put("workload", compute, self._compute(compute))

    def _put(self, kind: str, resource: Resource, places: Iterator[Place]) -> None:
        here, estate = self.subnets.ways.here, self.subnets.ways.estate
        thing = estate.find(kind, here.address(resource))
        if thing is None:
            return
        lie_in(estate, thing, places)

    # -- machines ------------------------------------------------------------------

    def _machine(self, machine: Resource) -> Iterator[Place]:
        listed = given(machine.values, "network_interface_ids")
        if listed is None or listed.data == ():
            return
        here = self.subnets.ways.here
        for value in listed.elements() or (listed,):
            cards = here.parents(value, (NIC,))
            if not cards:
                unknown = _not_here(value, "network interface")
                yield Place(span_of(listed, machine), unknown=unknown)
            for card in cards:
                filters = self._card_filters(card)
                ways = ways_of_card(self.subnets.ways, card)
                for block in blocks(card.values, "ip_configuration"):
                    yield from self._card(
                        card, block, filters, "public_ip_address_id", ways
                    )

    def _card_filters(self, card: Resource) -> list[tuple[Value, Resource]]:
        index, here = self.subnets.ways.index, self.subnets.ways.here
        joined = index.satellites(here, card, _NIC_GROUP, "network_interface_id")
        return [
            (named, link)
            for link in joined.found
            if (named := given(link.values, "network_security_group_id")) is not None
        ]

    def _scale_set(self, machine: Resource) -> Iterator[Place]:
        for card in blocks(machine.values, "network_interface"):
            named = given(card, "network_security_group_id")
            filters = [(named, machine)] if named is not None else []
            for block in blocks(card, "ip_configuration"):
                pools = values_at(block, "load_balancer_backend_address_pool_ids")
                ways = ways_of_pools(self.subnets.ways, pools, machine)
                yield from self._card(
                    machine, block, filters, "public_ip_address", ways
                )

    def _card(
        self,
        owner: Resource,
        block: Value,
        groups: list[tuple[Value, Resource]],
        address: str,
        ways: list[WayOut],
    ) -> Iterator[Place]:
        """The place of one address of a network card."""
        if block.unknown is not None:
            yield Place(owner.span, unknown=plain(block.unknown))
            return
        shown = given(block, address)
        public = names_one(shown)
        span = span_of(shown, owner) if shown is not None else None
        named = given(block, "subnet_id")
        yield from self._in_subnet(owner, named, groups, public, span, ways=ways)

    def _in_subnet(
        self,
        owner: Resource,
        named: Value | None,
        groups: list[tuple[Value, Resource]],
        public: Truth,
        public_span: Span | None,
        *,
        cluster: Resource | None = None,
        ways: Sequence[WayOut] = (),
    ) -> Iterator[Place]:
        if named is None:
            return
        here = self.subnets.ways.here
        span = span_of(named, owner)
        found = here.parents(named, (SUBNET,))
        if len(found) != 1:
            unknown = _not_here(named, "subnet")
            yield Place(span, public=public, public_span=public_span, unknown=unknown)
            return
        source = self.subnets.source(found[0])
        filters = tuple(
            self.subnets.groups.filter(value, at, source) for value, at in groups
        )
        key = here.address(found[0])
        if cluster is not None:
            key = self._left_by(cluster, found[0]) or key
        elif ways:
            own = self.subnets.ways.of_subnet(found[0])
            names = "+".join(dict.fromkeys(way.gateway for way in ways))
            key = self.subnets.variant(found[0], names, [*ways, *own]) or key
        admin: tuple[tuple[Truth, Span], ...] = ()
        if public is not False and cluster is None:
            groups_in = [value for value, _ in groups]
            groups_in += self.subnets.groups_of(found[0])
            admin = admin_open(self.subnets.ways.index, here, groups_in)
        yield Place(
            span,
            key,
            filters,
            public,
            public_span,
            unknown=doubt_of(owner),
            admin=admin,
        )

    # -- clusters ------------------------------------------------------------------

    def _nodes(
        self, cluster: Resource, owner: Resource, values: Value
    ) -> Iterator[Place]:
        shown = given(values, "node_public_ip_enabled") or given(
            values, "enable_node_public_ip"
        )
        default = by_default(owner, "node_public_ip_enabled", CLUSTER)
        found = read_bool(owner, shown, default)
        public: Truth = found.value is True
        if isinstance(found.value, Unknown):
            public = plain(found.value)
        named = given(values, "vnet_subnet_id")
        if named is not None:
            yield from self._in_subnet(
                owner, named, [], public, found.span, cluster=cluster
            )
            return
        sort, span = self._outbound(cluster)
        if isinstance(sort, str) and sort.lower() in ("none", "block"):
            yield Place(span, provided=True, isolated=True, public=public)
            return
        doubt = plain(sort) if isinstance(sort, Unknown) else None
        words = f"the managed network of {cluster.address}"
        yield Place(
            span,
            provided=True,
            public=public,
            public_span=found.span,
            unknown=doubt,
            words=words,
        )

    def _outbound(self, cluster: Resource) -> tuple[str | Unknown, Span]:
        """The outbound type of a cluster, and the line that says so."""
        value = given(cluster.values, "network_profile", "outbound_type")
        default = by_default(cluster, "outbound_type", CLUSTER)
        found = read_text(cluster, value, default)
        assert isinstance(found.value, str | Unknown)
        return found.value, found.span

    def _left_by(self, cluster: Resource, subnet: Resource) -> str:
        """The subnet as the nodes see it: they leave as their cluster does; "" as it is."""
        sort, span = self._outbound(cluster)
        ways = self.subnets.ways
        address = f"{ways.here.address(cluster)}/outbound"
        doubt: Unknown | None = None
        if isinstance(sort, Unknown):
            doubt = plain(sort)
        elif sort.lower() == "block":
            return self.subnets.variant(subnet, cluster.address, [])
        elif sort.lower() not in _OWN_WAY:
            return ""
        gateway = ways.gateway(address, "nat", "internet", span)
        if isinstance(sort, str):
            gateway.words = _OWN_WAY[sort.lower()]
        own = WayOut(address, span, doubt)
        every = [own] if doubt is None else [own, *ways.of_subnet(subnet)]
        return self.subnets.variant(subnet, cluster.address, every)

    # -- computes of workspaces ----------------------------------------------------

    def _compute(self, compute: Resource) -> Iterator[Place]:
        """A compute: in a subnet, in the workspace's managed network, or the service's."""
        default = by_default(compute, "node_public_ip_enabled", COMPUTES[0])
        shown = given(compute.values, "node_public_ip_enabled")
        found = read_bool(compute, shown, default)
        public: Truth = found.value is True
        if isinstance(found.value, Unknown):
            public = plain(found.value)
        named = given(compute.values, "subnet_resource_id")
        if named is not None:
            self._isolated(compute, span_of(named, compute), value=True)
            yield from self._in_subnet(compute, named, [], public, found.span)
            return
        workspace = workspace_of(self.subnets.ways.here, compute)
        managed = self._managed(compute, workspace, public, found.span)
        yield managed._replace(admin=tuple(_logins(compute)))

    def _managed(
        self,
        compute: Resource,
        workspace: Resource | None,
        public: Truth,
        public_span: Span,
    ) -> Place:
        mode: str | Unknown = "Disabled"
        span = compute.span
        if workspace is not None:
            value = given(workspace.values, "managed_network", "isolation_mode")
            default = by_default(workspace, "managed_network", WORKSPACE)
            found = read_text(workspace, value, default)
            assert isinstance(found.value, str | Unknown)
            mode = found.value
            span = found.span if value is not None else compute.span
        words = f"the network of the service that runs {compute.address}"
        approved = isinstance(mode, str) and mode.lower() == _APPROVED
        inside = plain(mode) if isinstance(mode, Unknown) else approved
        self._isolated(compute, span, value=inside)
        if isinstance(mode, Unknown):
            doubt = plain(mode)
            return Place(span, provided=True, public=public, unknown=doubt, words=words)
        if approved and workspace is not None:
            filters = (self._approved(workspace, span),)
            if given(compute.values, "node_public_ip_enabled") is None:
                public = False  # what the managed network gives out is its own matter
            return Place(
                span, filters=filters, public=public, provided=True, words=words
            )
        return Place(
            span, public=public, public_span=public_span, provided=True, words=words
        )

    def _isolated(self, compute: Resource, span: Span, *, value: Truth) -> None:
        """Whether a compute runs in a network of the lab, or reaches approved ones only."""
        here, estate = self.subnets.ways.here, self.subnets.ways.estate
        workload = estate.find("workload", here.address(compute))
        if workload is not None:
            workload.state("network.isolated", value, span)

    def _approved(self, workspace: Resource, span: Span) -> Filter:
        """What the managed network of a workspace lets through: its outbound rules."""
        index, here = self.subnets.ways.index, self.subnets.ways.here
        rules: list[Rule] = []
        for kind, attribute in _RULES:
            for owner in index.satellites(here, workspace, kind, "workspace_id").found:
                value = given(owner.values, attribute)
                if value is None:
                    continue
                text = here.text_of(value)
                host = isinstance(text, str) and attribute == "destination_fqdn"
                peer = Peer(NO_ADDRESS, hosts=(str(text),)) if host else peer_of(text)
                at = span_of(value, owner)
                doubt = doubt_of(owner)
                rules.append(Rule("allow", peer, EVERY_PORT, at, doubt, value.trail))
        name = f"the managed network of {workspace.address}"
        policy = Policy(name, here.address(workspace), span, MAIN, tuple(rules))
        return Filter((Applied(policy, truth=True),), name, span)


def _logins(compute: Resource) -> Iterator[tuple[Truth, Span]]:
    """What opens the SSH port of a compute that lies in no subnet of the lab."""
    switch = given(compute.values, "ssh_public_access_enabled")
    if switch is not None:
        on = switch.boolean()
        if isinstance(on, Unknown):
            yield plain(on), span_of(switch, compute)
        elif on:
            yield True, span_of(switch, compute)
        return
    for block in blocks(compute.values, "ssh"):
        yield True, block.entry() or compute.span


def put_jobs(estate: Estate) -> None:
    """Jobs lie where the computes lie that they ask for."""
    for compute in estate.of("workload"):
        places = estate.networks.of(compute)
        for edge in estate.edges_to(compute, "is run by") if places else ():
            doubt = None if edge.certain else Unknown("resource", edge.why)
            estate.networks.put(
                edge.source,
                *(
                    place._replace(span=edge.span, public_span=None, admin=())
                    if doubt is None
                    else place._replace(span=edge.span, unknown=doubt, admin=())
                    for place in places
                ),
            )


def _not_here(value: Value, what: str) -> Unknown:
    symbol, unknown = symbol_of(value), value.unknown
    if unknown is not None and unknown.kind == "variable":
        return plain(unknown)
    name = value.data.rpartition("/")[2] if isinstance(value.data, str) else ""
    name = symbol.address if symbol is not None else name
    why = f"the {what} {name} is not in the scan"
    return Unknown("resource", why, name if "." in name else "", span=value.span)
