"""Who AWS identities are in an EKS cluster: access entries, access policies, aws-auth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.clusters.cloud_roles import Granted, add_granted
from mlsec_lint.lower.clusters.found import EKS
from mlsec_lint.lower.clusters.nodes import identities_named
from mlsec_lint.lower.in_terraform.clusters import cluster_of
from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.kubernetes.rbac import (
    lower_subject,
    several_clusters,
    subject_address,
)
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.parse.yaml import embedded, yaml_documents
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.clusters.cloud_roles import Budget
    from mlsec_lint.lower.clusters.found import Clusters
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_ENTRY = "aws_eks_access_entry"
_POLICY = "aws_eks_access_policy_association"
_PRINCIPALS = ("aws_iam_role", "aws_iam_user")
_MAPS = {"mapRoles": "rolearn", "mapUsers": "userarn"}
_CONFIG_MAPS = (
    "kubernetes_config_map_v1_data",
    "kubernetes_config_map",
    "kubernetes_config_map_v1",
)
_MASTERS = "system:masters"
_MAX_ENTRIES = 1_000


class _Place(NamedTuple):
    """A cluster, and why it may be another one."""

    cluster: Thing
    doubt: str = ""


class Entries:
    """Links AWS identities to users and groups of clusters."""

    def __init__(
        self,
        inputs: Inputs,
        index: TerraformIndex,
        clusters: Clusters,
        estate: Estate,
        budget: Budget,
    ) -> None:
        self.budget = budget
        self.inputs = inputs
        self.index = index
        self.estate = estate
        self.clusters = [c for c in clusters if c.resource.type == EKS]
        self.groups = clusters
        self.several = several_clusters(inputs)

    def link(self) -> None:
        """State every access entry, access policy and line of an aws-auth map."""
        for here in self.index.roots:
            for entry in here.of(_ENTRY):
                self._entry(here, entry)
            for one in here.of(_POLICY):
                self._policy(here, one)
            for kind in _CONFIG_MAPS:
                for one in here.of(kind):
                    if (
                        here.text_of(given(one.values, "metadata", "name"))
                        == "aws-auth"
                    ):
                        self._config_map(here, one)
        for manifest in self.inputs.manifests:
            if manifest.kind == "ConfigMap" and manifest.name == "aws-auth":
                data = given(manifest.value, "data")
                places = self._named(manifest.cluster)
                if data is not None and not manifest.address.startswith("kubernetes_"):
                    self._maps(None, data, places, manifest.address, manifest.span)

    def _places(self, here: RootIndex, owner: Resource) -> list[_Place]:
        """The clusters that a resource's `cluster_name` names."""
        value = given(owner.values, "cluster_name")
        found = [
            cluster.thing
            for resource in here.parents(value, (EKS,))
            for cluster in self.clusters
            if cluster.resource is resource
        ]
        text = here.text_of(value)
        if not found and isinstance(text, str):
            found = [
                t for t in self.estate.named(text, "cluster") if t.provider == "aws"
            ]
        doubt = "" if len(found) == 1 else f"it may be each of {len(found)} clusters"
        return [_Place(thing, doubt) for thing in found[:8]]

    def _named(self, cluster: str) -> list[_Place]:
        own = [c.thing for c in self.clusters if c.thing.address == cluster]
        if own or cluster.startswith("name:"):
            return [_Place(thing) for thing in own]
        only = [c.thing for c in self.groups.only() if c.resource.type == EKS]
        if only:
            return [_Place(thing) for thing in only]
        doubt = "in which cluster this map lies is not known"
        few = self.clusters if len(self.clusters) <= 8 else []
        return [_Place(c.thing, doubt) for c in few]

    def _holders(
        self, here: RootIndex | None, value: Value | None, span: Span
    ) -> list[tuple[Thing, str]]:
        """The identities that an ARN names, each with the doubt about it."""
        if value is None:
            return []
        if here is not None:
            found = [
                thing
                for one in here.parents(value, _PRINCIPALS)
                if (thing := self.estate.find("identity", here.address(one)))
            ]
            if found:
                count = len(found)
                doubt = "" if count == 1 else f"it may be each of {count} identities"
                return [(thing, doubt) for thing in found]
        text = value.text() if here is None else here.text_of(value)
        if isinstance(text, str) and text:
            return [(t, "") for t in identities_named(self.estate, text, span)]
        return []

    def _entry(self, here: RootIndex, entry: Resource) -> None:
        span = entry.span
        holders = self._holders(here, given(entry.values, "principal_arn"), span)
        user = given(entry.values, "user_name")
        groups = given(entry.values, "kubernetes_groups")
        for place in self._places(here, entry):
            for holder, doubt in holders:
                for value in groups.elements() if groups is not None else ():
                    where = (groups.entry() if groups is not None else None) or span
                    self._counts(here, holder, "Group", value, place, where, doubt)
                if user is not None:
                    where = span_of(user, entry)
                    self._counts(here, holder, "User", user, place, where, doubt)

    def _counts(
        self,
        here: RootIndex | None,
        holder: Thing,
        kind: str,
        value: Value,
        place: _Place,
        span: Span,
        doubt: str = "",
    ) -> None:
        """An identity is, in a cluster, a user or a member of a group."""
        text = value.text() if here is None else here.text_of(value)
        if not isinstance(text, str) or not text:
            return
        name = f"{kind}/{text}"
        words = f"in {place.cluster.name} it is {kind.lower()} {text}"
        why = doubt or place.doubt
        own = subject_address(name, place.cluster.address, several=self.several)
        subject = lower_subject(self.estate, own, name, span)
        certain = not why
        self.estate.link(
            holder, "counts as", subject, span, words, certain=certain, why=why
        )
        bare = self.estate.find("identity", name)
        if bare is not None and bare is not subject:
            why = why or f"in which cluster {name} is bound is not known"
            self.estate.link(
                holder, "counts as", bare, span, words, certain=False, why=why
            )

    def _policy(self, here: RootIndex, one: Resource) -> None:
        named = given(one.values, "policy_arn")
        text = here.text_of(named)
        if named is None or not isinstance(text, str):
            return
        span = span_of(named, one)
        holders = self._holders(here, given(one.values, "principal_arn"), span)
        spaces, unsure = self._scope(here, one)
        for place in self._places(here, one):
            doubt = place.doubt or unsure
            doubt = doubt or next((d for _, d in holders if d), "")
            granted = Granted(
                here.address(one),
                one.address.removeprefix(f"{one.module}."),
                text.rpartition("/")[2],
                place.cluster,
                span,
                spaces,
                doubt,
                named.trail,
            )
            add_granted(
                self.estate, granted, [(h, span) for h, _ in holders], self.budget
            )

    def _scope(
        self, here: RootIndex, one: Resource
    ) -> tuple[tuple[str, ...] | None, str]:
        """The namespaces of an access scope (None for all), and why there may be less."""
        kind = here.text_of(given(one.values, "access_scope", "type"))
        if kind == "cluster":
            return None, ""
        listed = values_at(one.values, "access_scope.namespaces")
        texts = [here.text_of(value) for value in listed]
        known = tuple(text for text in texts if isinstance(text, str))
        if kind == "namespace" and len(known) == len(listed):
            return known, ""
        if kind == "namespace" and known:
            return None, "some of the namespaces of its access scope are not known"
        return None, "its access scope is not known"

    def _config_map(self, here: RootIndex, one: Resource) -> None:
        data = given(one.values, "data")
        if data is not None:
            places = self._named(cluster_of(here, one))
            self._maps(here, data, places, here.address(one), one.span)

    def _maps(
        self,
        here: RootIndex | None,
        data: Value,
        places: list[_Place],
        address: str,
        span: Span,
    ) -> None:
        for name, arn in _MAPS.items():
            text = given(data, name)
            if text is None:
                continue
            entries = list(_entries(text))[:_MAX_ENTRIES]
            if not entries:
                words = f"{name} of aws-auth is not understood"
                where = text.entry() or span
                note = Note("template-not-read", words, where.path, where)
                self.estate.note([note])
            for number, entry in enumerate(entries):
                for place in places:
                    self._line(here, entry, arn, place, f"{address}#{name}[{number}]")

    def _line(
        self,
        here: RootIndex | None,
        entry: Value,
        arn: str,
        place: _Place,
        address: str,
    ) -> None:
        who = given(entry, arn)
        span = (who.entry() if who is not None else None) or entry.span
        if who is None or span is None:
            return
        groups = given(entry, "groups")
        listed = groups.elements() if groups is not None else ()
        user = given(entry, "username")
        for holder, doubt in self._holders(here, who, span):
            for value in listed:
                where = value.span or span
                self._counts(here, holder, "Group", value, place, where, doubt)
                if value.text() == _MASTERS:
                    granted = Granted(
                        address,
                        f"the aws-auth line of {holder.name}",
                        _MASTERS,
                        place.cluster,
                        where,
                        None,
                        doubt or place.doubt,
                    )
                    add_granted(self.estate, granted, [(holder, where)], self.budget)
            if user is not None:
                where = user.entry() or span
                self._counts(here, holder, "User", user, place, where, doubt)


def _entries(text: Value) -> Iterator[Value]:
    """The entries of a list in YAML that stands in a string, of Terraform or of YAML."""
    inner = embedded(text) if text.type in ("block", "quoted", "plain") else None
    if inner is not None:
        documents, _ = yaml_documents(inner)
        values = tuple(one.value for one in documents if not one.skipped)
    else:
        found = documents_in(text)
        values = found.values if found is not None else ()
    for value in values:
        yield from value.elements()
