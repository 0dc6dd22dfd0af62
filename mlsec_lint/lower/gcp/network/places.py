"""Where workloads of Google Cloud lie: machines, GKE nodes, notebooks, TPUs, services.

What names no network lies in the project's `default` one, which has a route to the
internet and no Cloud NAT of its own (Cloud VPC, "Default network", 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Place
from mlsec_lint.estate.selectors import first
from mlsec_lint.lower.gcp.network.firewalls import Machine, plain
from mlsec_lint.lower.gcp.network.subnets import NETWORK, SUBNET
from mlsec_lint.lower.lying import lie_in
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.gcp.network.subnets import Subnets
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_CLUSTER = "google_container_cluster"
_POOL = "google_container_node_pool"
_MACHINES = (
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_template",
    "google_compute_region_instance_template",
)


@dataclass(slots=True)
class Places:
    """Tells for each workload of a root where it lies."""

    subnets: Subnets

    def read(self) -> None:
        """State the places of all machines, nodes, clusters and managed work."""
        here = self.subnets.here
        for resource in here.of(*_MACHINES):
            cards = blocks(resource.values, "network_interface")
            self._put(resource, [self._card(resource, card) for card in cards])
        for resource in here.of(_CLUSTER):
            places = [self._nodes(resource, resource, resource.values)]
            self._put(resource, places, "cluster")
            self._put(resource, places)
        for pool in here.of(_POOL):
            clusters = here.parents(given(pool.values, "cluster"), (_CLUSTER,))
            if len(clusters) == 1:
                place = self._nodes(pool, clusters[0], pool.values)
                self._put(pool, [place])
        for resource in here.of("google_workbench_instance"):
            self._put(resource, [self._workbench(resource)])
        for resource in here.of("google_notebooks_instance"):
            self._put(resource, [self._old_notebook(resource)])
        for resource in here.of("google_notebooks_runtime"):
            self._put(resource, [self._runtime(resource)])
        for resource in here.of("google_tpu_v2_vm"):
            self._put(resource, [self._tpu(resource)])
        for kind in ("google_cloud_run_v2_service", "google_cloud_run_v2_job"):
            for resource in here.of(kind):
                self._put(resource, [self._cloud_run(resource)])

    def _put(
        self, resource: Resource, places: list[Place], kind: str = "workload"
    ) -> None:
        here, estate = self.subnets.here, self.subnets.estate
        thing = estate.find(kind, here.address(resource))
        if thing is None:
            return
        lie_in(estate, thing, places)

    # -- networks ------------------------------------------------------------------

    def _in(
        self,
        owner: Resource,
        subnetwork: Value | None,
        net: Value | None,
        machine: Machine,
        public: Truth,
        public_span: Span,
    ) -> Place:
        """A place by the subnetwork, else the network, else the default one."""
        here, firewalls = self.subnets.here, self.subnets.firewalls
        named = subnetwork if subnetwork is not None else net
        span = span_of(named, owner) if named is not None else owner.span
        found = here.parents(subnetwork, (SUBNET,))
        if len(found) == 1:
            subnet = found[0]
            net_of = self.subnets.network_of(subnet)
            filters = firewalls.of(net_of, machine, span)
            key = here.address(subnet)
            admin = firewalls.admin(net_of, machine)
            return Place(span, key, filters, public, public_span, admin=admin)
        nets = here.parents(net, (NETWORK,))
        if len(nets) == 1 and not found:
            filters = firewalls.of(nets[0], machine, span)
            unsure = None
            if subnetwork is not None:
                why = "its subnetwork is not in the scan"
                unsure = Unknown("resource", why, span=span)
            key = self.subnets.whole(nets[0])
            admin = firewalls.admin(nets[0], machine)
            return Place(
                span, key, filters, public, public_span, unknown=unsure, admin=admin
            )
        text = here.text_of(named)
        if named is None or text == "default":
            return self._default(span, public, public_span)
        symbol = symbol_of(named)
        name = symbol.address if symbol is not None else "its network"
        if isinstance(text, str):
            name = text
        why = f"the routes of {name} are not in the scan"
        unknown = Unknown("resource", why, name if "." in name else "", span=span)
        if isinstance(text, Unknown) and text.kind == "variable":
            unknown = plain(text)
        return Place(span, public=public, public_span=public_span, unknown=unknown)

    def _default(self, span: Span, public: Truth, public_span: Span) -> Place:
        words = "the project's default network"
        if public is True:
            return Place(
                span,
                public=True,
                public_span=public_span,
                provided=True,
                words=words,
            )
        why = Unknown(
            "resource", f"whether {words} has Cloud NAT is not in the scan", span=span
        )
        doubt = first(public if isinstance(public, Unknown) else None, why)
        return Place(span, public=public, public_span=public_span, unknown=doubt)

    def _machine(self, values: Value | None, tags: str) -> Machine:
        here = self.subnets.here
        found: set[str] = set()
        more: Unknown | None = None
        listed = given(values, tags)
        if values is not None and listed is not None:
            if listed.unknown is not None:
                more = plain(listed.unknown)
            for value in values_at(values, tags):
                text, symbol = here.text_of(value), symbol_of(value)
                if isinstance(text, str):
                    found.add(text)
                elif symbol is not None:
                    found.add(symbol.address)
                elif isinstance(text, Unknown):
                    more = plain(text)
        account = given(values, "service_account")
        if account is not None and account.elements():
            account = given(account, "email")
        accounts: set[str] = set()
        if account is not None:
            text, symbol = here.text_of(account), symbol_of(account)
            if isinstance(text, str):
                accounts.add(text)
            if symbol is not None:
                accounts.add(symbol.address)
        return Machine(frozenset(found), frozenset(accounts), more)

    # -- workloads -----------------------------------------------------------------

    def _card(self, owner: Resource, card: Value) -> Place:
        if card.unknown is not None:
            return Place(owner.span, unknown=plain(card.unknown))
        shown = given(card, "access_config")
        public: Truth = False
        span = owner.span
        if shown is not None and shown.data != ():
            public = True if shown.unknown is None else plain(shown.unknown)
            span = span_of(shown, owner)
            inner = shown.elements()
            if inner:
                span = inner[0].entry() or span
        machine = self._machine(owner.values, "tags")
        subnetwork, net = given(card, "subnetwork"), given(card, "network")
        return self._in(owner, subnetwork, net, machine, public, span)

    def _nodes(self, owner: Resource, cluster: Resource, values: Value) -> Place:
        """The nodes of a cluster or pool: public unless one of both says private."""
        config = given(values, "node_config")
        machine = self._machine(config, "tags")
        name = self.subnets.here.text_of(given(cluster.values, "name"))
        own = f"gke-{name}" if isinstance(name, str) else "gke-"
        machine = machine._replace(tags=machine.tags | {own})
        public, span = self._private(owner, cluster, values)
        subnetwork = given(cluster.values, "subnetwork")
        net = given(cluster.values, "network")
        return self._in(cluster, subnetwork, net, machine, public, span)

    def _private(
        self, owner: Resource, cluster: Resource, values: Value
    ) -> tuple[Truth, Span]:
        for at, value in (
            (owner, given(values, "network_config", "enable_private_nodes")),
            (
                cluster,
                given(cluster.values, "private_cluster_config", "enable_private_nodes"),
            ),
        ):
            if value is not None:
                truth = value.boolean()
                span = span_of(value, at)
                if isinstance(truth, Unknown):
                    return plain(truth), span
                return truth is not True, span
        block = given(cluster.values, "private_cluster_config")
        if block is not None and block.unknown is not None:
            return plain(block.unknown), span_of(block, cluster)
        return True, cluster.span

    def _workbench(self, owner: Resource) -> Place:
        setup = given(owner.values, "gce_setup")
        card = given(setup, "network_interfaces")
        return self._notebook(
            owner,
            given(setup, "disable_public_ip"),
            given(card, "subnet"),
            given(card, "network"),
            setup,
        )

    def _old_notebook(self, owner: Resource) -> Place:
        return self._notebook(
            owner,
            given(owner.values, "no_public_ip"),
            given(owner.values, "subnet"),
            given(owner.values, "network"),
            owner.values,
        )

    def _runtime(self, owner: Resource) -> Place:
        """A managed notebook: public unless its machine has internal addresses only.

        Its network is one of the service's unless it names one (google 6.50, doc of
        `google_notebooks_runtime`).
        """
        path = ("virtual_machine", "virtual_machine_config")
        machine = given(owner.values, *path)
        if machine is not None and machine.elements():
            machine = machine.elements()[0]
        return self._notebook(
            owner,
            given(machine, "internal_ip_only"),
            given(machine, "subnet"),
            given(machine, "network"),
            machine,
        )

    def _notebook(
        self,
        owner: Resource,
        closed: Value | None,
        subnetwork: Value | None,
        net: Value | None,
        tagged: Value | None,
    ) -> Place:
        public: Truth = True
        span = owner.span
        if closed is not None:
            truth = closed.boolean()
            span = span_of(closed, owner)
            public = plain(truth) if isinstance(truth, Unknown) else truth is not True
        if tagged is not None and tagged.elements():
            tagged = tagged.elements()[0]
        machine = self._machine(tagged, "tags")
        return self._in(owner, subnetwork, net, machine, public, span)

    def _tpu(self, owner: Resource) -> Place:
        config = given(owner.values, "network_config")
        shown = given(config, "enable_external_ips")
        truth = shown.boolean() if shown is not None else False
        public: Truth = plain(truth) if isinstance(truth, Unknown) else truth is True
        span = span_of(shown, owner) if shown is not None else owner.span
        machine = self._machine(owner.values, "tags")
        subnetwork, net = given(config, "subnetwork"), given(config, "network")
        return self._in(owner, subnetwork, net, machine, public, span)

    def _cloud_run(self, owner: Resource) -> Place:
        """Cloud Run: the provider's network, unless all traffic goes into the VPC."""
        access = given(owner.values, "template", "vpc_access")
        if access is None:
            access = given(owner.values, "template", "template", "vpc_access")
        egress = given(access, "egress")
        text = self.subnets.here.text_of(egress)
        if text == "ALL_TRAFFIC":
            card = given(access, "network_interfaces")
            machine = Machine(frozenset(), frozenset())
            subnetwork, net = given(card, "subnetwork"), given(card, "network")
            if subnetwork is not None or net is not None:
                return self._in(
                    owner,
                    subnetwork,
                    net,
                    machine,
                    public=False,
                    public_span=owner.span,
                )
            why = "where its connector leads to is not in the scan"
            return Place(owner.span, unknown=Unknown("resource", why))
        doubt = plain(text) if isinstance(text, Unknown) else None
        span = span_of(egress, owner) if egress is not None else owner.span
        words = f"the network of the service that runs {owner.address}"
        return Place(span, provided=True, unknown=doubt, words=words)
