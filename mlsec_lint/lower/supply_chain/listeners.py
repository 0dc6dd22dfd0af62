"""Listeners without TLS in front of weights, and stores that answer without it.

AWS load balancers, Google's HTTP proxies, S3 bucket policies, Azure storage accounts. A
listener that only redirects to HTTPS serves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.jobs.transports import Channel, state_channel
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.policy import Statement
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
_ATTACHMENTS = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_FLEETS = ("aws_autoscaling_group", "aws_autoscaling_attachment")
_TEMPLATES = ("aws_launch_template", "aws_launch_configuration")
#: azurerm 4.x: https_traffic_only_enabled is true and min_tls_version TLS1_2 unless set
#: (schema of 4.x, read 2026-11).
_OLD_TLS = ("TLS1_0", "TLS1_1")


def lower_listeners(inputs: Inputs, estate: Estate) -> None:
    """State channels of listeners, buckets and storage accounts."""
    index = index_of(inputs)
    for here in index.roots:
        for listener in here.of(*_LISTENERS):
            _listener(here, estate, listener)
        for proxy in here.of("google_compute_target_http_proxy"):
            _proxy(index, here, estate, proxy)
        for bucket in here.of("aws_s3_bucket"):
            _bucket(index, here, estate, bucket)
        for account in here.of("azurerm_storage_account"):
            _account(here, estate, account)


# -- load balancers -------------------------------------------------------------


def _listener(here: RootIndex, estate: Estate, listener: Resource) -> None:
    protocol = given(listener.values, "protocol")
    text = here.text_of(protocol) if protocol is not None else None
    if protocol is None or text is None or _redirects(here, listener):
        return
    encrypted: bool | Unknown
    if isinstance(text, Unknown):
        encrypted = text._replace(possible=None, parts=())
    elif text in ("HTTP", "HTTPS"):
        encrypted = text == "HTTPS"
    else:
        return  # TCP carries what the target speaks
    span = span_of(protocol, listener)
    channel = Channel(here.address(listener), span, encrypted=encrypted)
    for workload in _targets(here, estate, listener):
        state_channel(estate, workload, channel)


def _redirects(here: RootIndex, listener: Resource) -> bool:
    kinds = values_at(listener.values, "default_action.type")
    return bool(kinds) and all(here.text_of(kind) == "redirect" for kind in kinds)


def _targets(here: RootIndex, estate: Estate, listener: Resource) -> list[Thing]:
    """Machines of the scan that the listener's target groups send requests to."""
    named = values_at(listener.values, "default_action.target_group_arn")
    named += values_at(listener.values, "default_action.forward.target_group.arn")
    groups = [g for value in named for g in here.parents(value, _GROUPS)]
    found: list[Thing] = []
    for group in groups:
        for attachment in here.of(*_ATTACHMENTS):
            value = given(attachment.values, "target_group_arn")
            if group in here.parents(value, _GROUPS):
                target = given(attachment.values, "target_id")
                machines = here.parents(target, ("aws_instance",))
                found += _workloads(here, estate, machines)
        for fleet in here.of(*_FLEETS):
            found += _fleet(here, estate, group, fleet)
    return list(dict.fromkeys(found))


def _fleet(
    here: RootIndex, estate: Estate, group: Resource, fleet: Resource
) -> list[Thing]:
    """Machines of an autoscaling group that registers with a target group."""
    named = values_at(fleet.values, "target_group_arns")
    named += values_at(fleet.values, "lb_target_group_arn")
    if not any(group in here.parents(value, _GROUPS) for value in named):
        return []
    fleets = [fleet]
    if fleet.type == "aws_autoscaling_attachment":
        value = given(fleet.values, "autoscaling_group_name")
        fleets = here.parents(value, ("aws_autoscaling_group",))
    found: list[Thing] = []
    for one in fleets:
        templates = values_at(one.values, "launch_template.id")
        templates += values_at(one.values, "launch_template.name")
        templates += values_at(one.values, "launch_configuration")
        for value in templates:
            machines = here.parents(value, _TEMPLATES)
            found += _workloads(here, estate, machines)
    return found


def _workloads(
    here: RootIndex, estate: Estate, machines: list[Resource]
) -> Iterator[Thing]:
    for machine in machines:
        found = estate.find("workload", here.address(machine))
        if found is not None:
            yield found


def _proxy(
    index: TerraformIndex, here: RootIndex, estate: Estate, proxy: Resource
) -> None:
    """An HTTP proxy before a bucket, or before instances of a template."""
    for url_map in here.parents(
        given(proxy.values, "url_map"),
        ("google_compute_url_map", "google_compute_region_url_map"),
    ):
        redirect = given(url_map.values, "default_url_redirect", "https_redirect")
        if redirect is not None and redirect.boolean() is not False:
            continue
        channel = Channel(here.address(proxy), proxy.span, encrypted=False)
        services = values_at(url_map.values, "default_service")
        services += values_at(url_map.values, "path_matcher.default_service")
        for value in services:
            for bucket in here.parents(value, ("google_compute_backend_bucket",)):
                name = given(bucket.values, "bucket_name")
                for parent in here.parents(name, ("google_storage_bucket",)):
                    store = store_of(index, estate, parent)
                    if store is not None:
                        state_channel(estate, store, channel)
            for workload in _backends(here, estate, value):
                state_channel(estate, workload, channel)


def _backends(here: RootIndex, estate: Estate, value: Value) -> Iterator[Thing]:
    services = here.parents(
        value,
        ("google_compute_backend_service", "google_compute_region_backend_service"),
    )
    for service in services:
        for group in values_at(service.values, "backend.group"):
            managers = here.parents(
                group,
                (
                    "google_compute_instance_group_manager",
                    "google_compute_region_instance_group_manager",
                    "google_compute_instance_group",
                ),
            )
            for manager in managers:
                named = values_at(manager.values, "version.instance_template")
                named += values_at(manager.values, "instances")
                for one in named:
                    machines = here.parents(
                        one,
                        (
                            "google_compute_instance_template",
                            "google_compute_region_instance_template",
                            "google_compute_instance",
                        ),
                    )
                    yield from _workloads(here, estate, machines)


# -- stores ---------------------------------------------------------------------


def _bucket(
    index: TerraformIndex, here: RootIndex, estate: Estate, bucket: Resource
) -> None:
    """Whether a policy of the bucket denies requests without TLS, to everybody."""
    store = store_of(index, estate, bucket)
    if store is not None:
        encrypted, span = _bucket_tls(index, here, bucket)
        channel = Channel("the endpoint", span, encrypted=encrypted)
        state_channel(estate, store, channel)


def _bucket_tls(
    index: TerraformIndex, here: RootIndex, bucket: Resource
) -> tuple[bool | Unknown, Span]:
    """S3 answers requests without TLS unless a policy denies them (2026-11)."""
    satellites = index.satellites(here, bucket, "aws_s3_bucket_policy")
    documents = [
        (owner, document)
        for owner in satellites.found
        if (document := given(owner.values, "policy")) is not None
    ]
    inline = given(bucket.values, "policy")
    if inline is not None:
        documents.append((bucket, inline))
    doubt: Unknown | None = None
    for owner, document in documents:
        policy = read_policy(here, document, owner.span)
        doubt = policy.unknown if doubt is None else doubt
        for statement in policy.statements:
            if _denies_plain(here, statement):
                if owner.repeat_unknown:
                    why = f"whether {owner.address} exists is not known"
                    return Unknown("variable", why, span=owner.span), statement.span
                return True, statement.span
            doubt = statement.unknown if doubt is None else doubt
    if doubt is None and satellites.open:
        why = "a bucket policy of the scan may belong to it"
        doubt = Unknown("resource", why, span=bucket.span)
    if doubt is not None:
        return doubt._replace(possible=None, parts=()), bucket.span
    if documents:
        return False, span_of(documents[0][1], documents[0][0])
    return False, bucket.span


def _denies_plain(here: RootIndex, statement: Statement) -> bool:
    """A Deny for everybody and every action, on requests without TLS."""
    if statement.effect != "Deny" or statement.not_principals:
        return False
    everybody = any(
        here.text_of(value) == "*" or kind == "*"
        for kind, listed in statement.principals
        for value in (listed.elements() or (listed,))
    )
    actions = {here.text_of(action) for action in statement.actions}
    if not everybody or not actions & {"s3:*", "*", "s3:GetObject", "s3:Get*"}:
        return False
    for condition in statement.conditions:
        key, operator = condition.key.lower(), condition.operator.lower()
        values = [here.text_of(value) for value in condition.values]
        if key == "aws:securetransport" and operator.startswith("bool"):
            return all(str(value).lower() == "false" for value in values)
        if key == "s3:tlsversion" and operator.startswith("numericlessthan"):
            return True
    return False


def _account(here: RootIndex, estate: Estate, account: Resource) -> None:
    """HTTPS only, and no TLS before 1.2: both must hold."""
    store = estate.find("store", here.address(account))
    if store is None:
        return
    only = given(account.values, "https_traffic_only_enabled")
    only = only or given(account.values, "enable_https_traffic_only")
    lowest = given(account.values, "min_tls_version")
    on = only.boolean() if only is not None else True
    if only is not None and on is not True:
        if on is None:
            on = Unknown("error", "this is not true or false", span=only.span)
        _answers(estate, store, on, span_of(only, account))
        return
    if lowest is None:
        said = only if only is not None else None
        span = span_of(said, account) if said is not None else account.span
        _answers(estate, store, True, span)  # noqa: FBT003 (azurerm 4.x: both defaults)
        return
    text = here.text_of(lowest)
    new: bool | Unknown
    new = text if isinstance(text, Unknown) else text not in _OLD_TLS
    _answers(estate, store, new, span_of(lowest, account))


def _answers(estate: Estate, store: Thing, new: bool | Unknown, span: Span) -> None:
    if isinstance(new, Unknown):
        new = new._replace(possible=None, parts=())
    channel = Channel("the endpoint", span, encrypted=new)
    state_channel(estate, store, channel)
