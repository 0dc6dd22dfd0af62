"""Where workloads of AWS lie: subnets, groups, public addresses, networks of services.

What has no subnet of its own lies in the account's default VPC (machines: a public
subnet of it) or in a network of the service that is open to the internet (SageMaker,
Lambda, Bedrock without a VPC; the services' own guides, 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Filter, Place
from mlsec_lint.estate.selectors import first
from mlsec_lint.lower.aws.network.abroad import default_filters, subnet_abroad
from mlsec_lint.lower.aws.network.admin import admin_lines
from mlsec_lint.lower.aws.network.groups import doubt_of, plain
from mlsec_lint.lower.aws.network.subnets import SUBNETS, Subnets
from mlsec_lint.lower.lying import lie_in
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.aws.network.groups import Lines
    from mlsec_lint.lower.aws.network.subnets import Subnets
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

TEMPLATE = "aws_launch_template"
_INTERFACE = "aws_network_interface"
#: So many compute environments of Batch are looked at.
MAX_COMPUTES = 50
#: Managed work: type, its subnets, its groups, what it is without any.
MANAGED = (
    ("aws_lambda_function", "vpc_config.subnet_ids", "vpc_config.security_group_ids"),
    ("aws_sagemaker_model", "vpc_config.subnets", "vpc_config.security_group_ids"),
    ("aws_bedrock_custom_model", "vpc_config.subnet_ids",
     "vpc_config.security_group_ids"),
)  # fmt: skip


@dataclass(slots=True)
class Places:
    """Tells for each workload of a root where it lies."""

    subnets: Subnets
    users: dict[int, list[Resource]] | None = None

    def read(self) -> None:
        """State the places of all machines, node groups, clusters and managed work."""
        here = self.subnets.here
        for resource in here.of("aws_instance", "aws_spot_instance_request"):
            self._put(resource, self.machine(resource))
        for resource in here.of("aws_eks_node_group"):
            self._put(resource, self._nodes(resource))
        for resource in here.of("aws_eks_cluster"):
            self._put(resource, self._cluster(resource), "cluster")
        for resource in here.of("aws_autoscaling_group"):
            self._put(resource, self._scaling(resource))
        for resource in here.of(TEMPLATE):
            self._put(resource, self._template(resource))
        for kind, subnets, groups in MANAGED:
            for resource in here.of(kind):
                places = tuple(self._managed(resource, subnets, groups))
                self._put(resource, iter(places))
                if kind != "aws_lambda_function":
                    self._isolation(resource, places)
        for resource in here.of("aws_sagemaker_notebook_instance"):
            self._put(resource, self._notebook(resource))
        for resource in here.of("aws_sagemaker_domain"):
            self._put(resource, self._domain(resource))
        self._tasks()

    def _put(
        self, resource: Resource, places: Iterator[Place], kind: str = "workload"
    ) -> None:
        here, estate = self.subnets.here, self.subnets.estate
        thing = estate.find(kind, here.address(resource))
        if thing is None:
            return
        lie_in(estate, thing, places)

    # -- subnets -------------------------------------------------------------------

    def in_subnets(
        self,
        owner: Resource,
        listed: Value | None,
        filters: tuple[Filter, ...] | None,
        public: Truth | None,
        public_span: Span | None = None,
    ) -> Iterator[Place]:
        """One place for each subnet of a list, by reference, id or name.

        `filters` None: the default group of the VPC; `public` None: as the subnet does.
        """
        if listed is None:
            return
        here = self.subnets.here
        values = here.each(listed)
        several = [s for v in values for s in here.parents(v, SUBNETS)]
        sure = any(not subnet.repeat_unknown for subnet in several)
        for value in values:
            span = span_of(listed, owner)
            found = here.parents(value, SUBNETS)
            if not found:
                abroad = self._abroad(owner, value, span, filters, public, public_span)
                place = Place(span, filters=filters or (), unknown=_not_here(value))
                yield place if abroad is None else abroad
                continue
            doubt = None if len(found) == 1 else _one_of(found, span)
            for subnet in found:
                own = filters
                if own is None:
                    vpc = self.subnets.vpc_of(subnet)
                    made = self.subnets.groups.default(vpc, owner)
                    own = () if made is None else (made,)
                shown, where = public, public_span
                if shown is None:
                    shown, where = self._maps(subnet)
                # What lies in a subnet shows that there is one.
                absent = doubt_of(subnet) if sure else None
                yield Place(
                    span,
                    here.address(subnet),
                    own,
                    shown,
                    where,
                    unknown=first(doubt, absent),
                )

    def _abroad(
        self,
        owner: Resource,
        value: Value,
        span: Span,
        filters: tuple[Filter, ...] | None,
        public: Truth | None,
        public_span: Span | None,
    ) -> Place | None:
        """The place in a subnet that another root of the scan hands out by its state."""
        found = subnet_abroad(self.subnets, value)
        if found is None:
            return None
        home, subnet = found
        if filters is None:
            filters = default_filters(self.subnets, home, subnet, owner)
        shown, where = public, public_span
        if shown is None:
            shown, where = self._maps(subnet)
        doubt = doubt_of(subnet)
        return Place(span, home.address(subnet), filters, shown, where, unknown=doubt)

    def _maps(self, subnet: Resource) -> tuple[Truth, Span]:
        """Whether a subnet gives public addresses to machines; default subnets do."""
        value = given(subnet.values, "map_public_ip_on_launch")
        if value is None:
            return subnet.type == "aws_default_subnet", subnet.span
        truth = value.boolean()
        if isinstance(truth, Unknown):
            return plain(truth), span_of(value, subnet)
        return truth is True, span_of(value, subnet)

    def _admin(self, owner: Resource, template: Resource | None) -> Lines:
        """The lines by which anybody reaches a machine to administer it."""
        names = ("vpc_security_group_ids", "security_groups")
        listed = [v for name in names for v in values_at(owner.values, name)]
        for card in blocks(owner.values, "network_interface"):
            named = given(card, "network_interface_id")
            for one in self.subnets.here.parents(named, (_INTERFACE,)):
                listed += values_at(one.values, "security_groups")
        if template is not None:
            for path in (names[0], f"network_interfaces.{names[1]}"):
                listed += values_at(template.values, path)
        return admin_lines(self.subnets.groups, listed)

    def groups(
        self, owner: Resource, *paths: str, base: Value | None = None
    ) -> tuple[Filter, ...] | None:
        """The filter of the groups at some paths; None where none are named."""
        start = owner.values if base is None else base
        for path in paths:
            listed = given(start, *path.split("."))
            if listed is None or listed.data == ():
                continue
            values = [listed] if listed.unknown is not None else values_at(start, path)
            made = self.subnets.groups.of(
                values, owner, f"security groups of {owner.address}"
            )
            if made is not None:
                return (made,)
        return None

    # -- machines ------------------------------------------------------------------

    def machine(self, owner: Resource) -> Iterator[Place]:
        """A virtual machine: its subnet or interfaces, else the default VPC."""
        admin = self._admin(owner, self._template_of(owner))
        for place in self._machine(owner):
            yield place._replace(admin=admin)

    def _machine(self, owner: Resource) -> Iterator[Place]:
        here = self.subnets.here
        template = self._template_of(owner)
        filters = self.groups(owner, "vpc_security_group_ids", "security_groups")
        if filters is None and template is not None:
            filters = self._template_groups(template)
        public, span = self._associates(owner, template)
        yielded = False
        for block in blocks(owner.values, "network_interface"):
            for card in here.parents(
                given(block, "network_interface_id"), (_INTERFACE,)
            ):
                own = self.groups(card, "security_groups")
                where = given(card.values, "subnet_id")
                yield from self.in_subnets(card, where, own, self._elastic(card))
                yielded = True
        subnet = given(owner.values, "subnet_id")
        if subnet is None and template is not None:
            first_card = next(iter(blocks(template.values, "network_interfaces")), None)
            subnet = given(first_card, "subnet_id")
        if subnet is not None:
            elastic = self._elastic(owner)
            if elastic is not False:
                public, span = elastic, owner.span
            yield from self.in_subnets(owner, subnet, filters, public, span)
        elif not yielded:
            yield Place(
                owner.span,
                "",
                filters or (),
                public=True if public is None else public,
                public_span=span or owner.span,
                provided=public is not False,
                words="a default subnet of the account",
            )

    def _associates(
        self, owner: Resource, template: Resource | None
    ) -> tuple[Truth | None, Span | None]:
        """What a machine or its template says of a public address; None: nothing."""
        value, at = given(owner.values, "associate_public_ip_address"), owner
        if value is None and template is not None:
            card = next(iter(blocks(template.values, "network_interfaces")), None)
            value, at = given(card, "associate_public_ip_address"), template
        if value is None:
            return None, None
        truth = value.boolean()
        if truth is None:
            return None, None
        return (plain(truth) if isinstance(truth, Unknown) else truth), span_of(
            value, at
        )

    def _elastic(self, owner: Resource) -> Truth:
        """Whether an elastic address is put on a machine or interface."""
        index, here = self.subnets.groups.index, self.subnets.here
        name = "network_interface" if owner.type == _INTERFACE else "instance"
        if index.satellites(here, owner, "aws_eip", name).found:
            return True
        name = "network_interface_id" if owner.type == _INTERFACE else "instance_id"
        return bool(index.satellites(here, owner, "aws_eip_association", name).found)

    def _template_of(self, owner: Resource) -> Resource | None:
        """The launch template of a machine or group, by id or name."""
        here = self.subnets.here
        for block in (
            *blocks(owner.values, "launch_template"),
            *(
                specification
                for policy in blocks(owner.values, "mixed_instances_policy")
                for template in blocks(policy, "launch_template")
                for specification in blocks(template, "launch_template_specification")
            ),
        ):
            for name in ("id", "name", "launch_template_id", "launch_template_name"):
                found = here.parents(given(block, name), (TEMPLATE,))
                if len(found) == 1:
                    return found[0]
        return None

    def _template_groups(self, template: Resource) -> tuple[Filter, ...] | None:
        filters = self.groups(template, "vpc_security_group_ids")
        for card in blocks(template.values, "network_interfaces"):
            if filters is None:
                filters = self.groups(template, "security_groups", base=card)
        return filters

    def _nodes(self, owner: Resource) -> Iterator[Place]:
        """A managed group: without groups of its template, the cluster's own group.

        EKS makes that one, and it lets everything out (Amazon EKS user guide, "Security
        group requirements", 2026-11).
        """
        template = self._template_of(owner)
        filters = self._template_groups(template) if template is not None else None
        public, span = self._associates(owner, template)
        admin = (*self._admin(owner, template), *remote_access(owner))
        for place in self.in_subnets(
            owner, given(owner.values, "subnet_ids"), filters or (), public, span
        ):
            yield place._replace(admin=admin)

    def _cluster(self, owner: Resource) -> Iterator[Place]:
        """The cluster's own subnets, and those of its Fargate profiles."""
        here, index = self.subnets.here, self.subnets.groups.index
        kind, name = "aws_eks_fargate_profile", "cluster_name"
        profiles = index.satellites(here, owner, kind, name).found
        for profile in profiles:
            listed = given(profile.values, "subnet_ids")
            yield from self.in_subnets(profile, listed, (), public=False)
        if not profiles:
            listed = given(owner.values, "vpc_config", "subnet_ids")
            yield from self.in_subnets(owner, listed, (), public=None)

    def _scaling(self, owner: Resource) -> Iterator[Place]:
        template = self._template_of(owner)
        filters = self._template_groups(template) if template is not None else None
        public, span = self._associates(owner, template)
        listed = given(owner.values, "vpc_zone_identifier")
        admin = self._admin(owner, template)
        for place in self.in_subnets(owner, listed, filters, public, span):
            yield place._replace(admin=admin)

    def _template(self, template: Resource) -> Iterator[Place]:
        """A template, where scripts run on it: the subnets of the groups that use it."""
        makers = {"aws_autoscaling_group": self._scaling, "aws_instance": self.machine}
        for user in self._users().get(id(template), ()):
            yield from makers.get(user.type, self._nodes)(user)

    def _users(self) -> dict[int, list[Resource]]:
        """What is started from each launch template."""
        if self.users is None:
            self.users = {}
            kinds = ("aws_autoscaling_group", "aws_eks_node_group", "aws_instance")
            for user in self.subnets.here.of(*kinds):
                template = self._template_of(user)
                if template is not None:
                    self.users.setdefault(id(template), []).append(user)
        return self.users

    # -- managed work --------------------------------------------------------------

    def _managed(self, owner: Resource, subnets: str, groups: str) -> Iterator[Place]:
        isolated = self._switch(owner, "enable_network_isolation")
        listed = given(owner.values, *subnets.split("."))
        if listed is None or listed.data == ():
            config = given(owner.values, subnets.partition(".")[0])
            if config is not None and config.unknown is not None:
                yield Place(
                    owner.span, isolated=isolated, unknown=plain(config.unknown)
                )
                return
            yield Place(
                owner.span,
                provided=True,
                isolated=isolated,
                words=f"the network of the service that runs {owner.address}",
            )
            return
        for place in self.in_subnets(
            owner, listed, self.groups(owner, groups), public=False
        ):
            yield place._replace(isolated=isolated)

    def _isolation(self, owner: Resource, places: tuple[Place, ...]) -> None:
        """State whether a managed run has no network but the lab's."""
        thing = self.subnets.estate.find("workload", self.subnets.here.address(owner))
        if thing is None or not places:
            return
        place = places[0]
        switch = given(owner.values, "enable_network_isolation")
        span = span_of(switch, owner) if switch is not None else place.span
        inside: Truth = not place.provided
        if inside is False and place.isolated is not False:
            inside = place.isolated
        elif inside is True and place.subnet == "" and place.isolated is False:
            inside = True if place.unknown is None else place.unknown
        words = "no VPC and no isolation is set: the service's own network"
        default = words if inside is False and switch is None else ""
        thing.state("network.isolated", inside, span, default=default)

    def _switch(self, owner: Resource, name: str) -> Truth:
        value = given(owner.values, name)
        truth = value.boolean() if value is not None else False
        if isinstance(truth, Unknown):
            return plain(truth)
        return truth is True

    def _notebook(self, owner: Resource) -> Iterator[Place]:
        """A notebook: the service's own way to the internet stands beside its subnet."""
        here = self.subnets.here
        direct = given(owner.values, "direct_internet_access")
        text = here.text_of(direct) if direct is not None else "Enabled"
        span = span_of(direct, owner) if direct is not None else owner.span
        listed = given(owner.values, "subnet_id")
        if text != "Disabled" or listed is None:
            doubt = plain(text) if isinstance(text, Unknown) else None
            words = "the service's own network"
            yield Place(span, provided=True, unknown=doubt, words=words)
        yield from self.in_subnets(
            owner, listed, self.groups(owner, "security_groups"), public=False
        )

    def _domain(self, owner: Resource) -> Iterator[Place]:
        here = self.subnets.here
        kind = given(owner.values, "app_network_access_type")
        text = here.text_of(kind) if kind is not None else "PublicInternetOnly"
        span = span_of(kind, owner) if kind is not None else owner.span
        if text != "VpcOnly":
            doubt = plain(text) if isinstance(text, Unknown) else None
            words = "the service's own network"
            yield Place(span, provided=True, unknown=doubt, words=words)
        if text == "PublicInternetOnly":
            return
        listed = given(owner.values, "subnet_ids")
        filters = self.groups(owner, "default_user_settings.security_groups")
        yield from self.in_subnets(owner, listed, filters, public=False)

    def _tasks(self) -> None:
        """ECS tasks lie where the services that start them do; Batch where it computes."""
        here, index = self.subnets.here, self.subnets.groups.index
        for task in here.of("aws_ecs_task_definition"):
            found: list[Place] = []
            kind = "aws_ecs_service"
            for service in index.satellites(here, task, kind, "task_definition").found:
                config = given(service.values, "network_configuration")
                if config is None:
                    continue
                filters = self.groups(service, "network_configuration.security_groups")
                shown = given(config, "assign_public_ip")
                truth = shown.boolean() if shown is not None else False
                public: Truth = truth is True
                if isinstance(truth, Unknown):
                    public = plain(truth)
                span = span_of(shown, service) if shown is not None else service.span
                listed = given(config, "subnets")
                found += self.in_subnets(service, listed, filters, public, span)
            self._put(task, iter(found))
        jobs = list(here.of("aws_batch_job_definition"))
        found = list(self._batch()) if jobs else []
        for job in jobs:
            self._put(job, iter(found))

    def _batch(self) -> Iterator[Place]:
        """Where Batch computes; of several environments a job may be in any."""
        here = self.subnets.here
        computes = list(here.of("aws_batch_compute_environment"))
        why = None
        if len(computes) > 1:
            words = "which queue the job is given to is not in the scan"
            why = Unknown("unsupported", words)
        for compute in computes[:MAX_COMPUTES]:
            listed = given(compute.values, "compute_resources", "subnets")
            filters = self.groups(compute, "compute_resources.security_group_ids")
            for place in self.in_subnets(compute, listed, filters, public=None):
                yield place._replace(unknown=first(place.unknown, why))


def remote_access(group: Resource) -> Lines:
    """Remote access of a node group: with a key and no groups, SSH is open to all.

    (hashicorp/aws 5.100.0, documentation of aws_eks_node_group.)
    """
    access = given(group.values, "remote_access")
    key = given(access, "ec2_ssh_key")
    sources = given(access, "source_security_group_ids")
    if access is None or key is None or key.data == "":
        return ()
    if sources is None or sources.data == ():
        return ((True, span_of(key, group)),)
    unknown = sources.unknown
    return () if unknown is None else ((plain(unknown), span_of(sources, group)),)


def _not_here(value: Value) -> Unknown:
    """A subnet that is not in the scan."""
    symbol, unknown = symbol_of(value), value.unknown
    if unknown is not None and unknown.kind == "variable":
        return plain(unknown)
    name = value.data if isinstance(value.data, str) else ""
    if symbol is not None:
        name = symbol.address
    why = f"the routes of subnet {name} are not in the scan"
    if not name:
        why = "which subnet it lies in is not known"
    return Unknown("resource", why, name if "." in name else "", span=value.span)


def _one_of(found: list[Resource], span: Span) -> Unknown:
    why = f"which of {len(found)} subnets is meant is not known"
    return Unknown("resource", why, span=span)
