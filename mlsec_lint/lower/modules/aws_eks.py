"""terraform-aws-modules/eks/aws by its inputs (read: 18.31 to 21.19, 2026-11).

Gives the cluster, its key, its OIDC provider, the managed node groups, add-ons and access
entries. Does not model: self-managed groups, Fargate, security groups, the roles that it
makes for nodes, what the creator of a cluster may do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    is_empty,
    members_of,
    quoted,
    switched_off,
)
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.terraform.resource import Resource

#: From this major on the module makes a key for the cluster's secrets by default.
_MAKES_KEY = 19
#: From this major on the public endpoint is off by default.
_CLOSED = 19
#: From this major on launch templates limit the hops to the metadata service to 1.
_HOPS = 21
_GROUPS = "eks_managed_node_groups"


def _expand(make: Builder) -> Expansion:
    create = make.input("create")
    if switched_off(create):
        return Expansion((), {})
    keys = _key(make)
    cluster = make.resource(
        "aws_eks_cluster.this[0]",
        "aws",
        create,
        name=_either(make, "name"),
        region=make.input("region"),
        tags=make.input("tags"),
        vpc_config=make.blocks(
            subnet_ids=_first(make, "control_plane_subnet_ids", "subnet_ids"),
            endpoint_public_access=_public(make),
            public_access_cidrs=_either(make, "endpoint_public_access_cidrs"),
        ),
        version=_first(make, "kubernetes_version", "cluster_version"),
        enabled_cluster_log_types=_logs(make),
        encryption_config=_encryption(make, keys),
    )
    provider = make.resource(
        "aws_iam_openid_connect_provider.oidc_provider[0]",
        "aws",
        create,
        url=make.reference(cluster, "identity"),
    )
    outputs = {
        "cluster_arn": (cluster, "arn"),
        "cluster_name": (cluster, "name"),
        "cluster_id": (cluster, "id"),
        "cluster_endpoint": (cluster, "endpoint"),
        "oidc_provider_arn": (provider, "arn"),
        "oidc_provider": (provider, "url"),
        "cluster_oidc_issuer_url": (cluster, "identity"),
    }
    if keys:
        outputs |= {"kms_key_arn": (keys[0], "arn"), "kms_key_id": (keys[0], "key_id")}
    made = [cluster, provider, *keys, *_addons(make, cluster), *_entries(make, cluster)]
    listed = make.input(_GROUPS)
    for name, entry in members_of(listed):
        if switched_off(entry.get("create")):
            continue
        found = _node_group(make, cluster, name, entry)
        made += found
        outputs[f"{_GROUPS}.{name}"] = (found[0], "")
    return Expansion(tuple(made), outputs)


def _either(make: Builder, name: str) -> Value | None:
    """An input by its name since version 21, or the older one with `cluster_`."""
    return _first(make, name, f"cluster_{name}")


def _first(make: Builder, *names: str) -> Value | None:
    found = (make.input(name) for name in names)
    return next((value for value in found if value is not None), None)


def _public(make: Builder) -> Value:
    """Whether the endpoint is public: off by default from version 19 on."""
    given = _either(make, "endpoint_public_access")
    if given is not None:
        return given
    if all(major >= _CLOSED for major in make.majors):
        return make.default("endpoint_public_access", data=False)
    if all(major < _CLOSED for major in make.majors):
        return make.default("cluster_endpoint_public_access", data=True)
    return make.unknown(
        "whether the endpoint is public depends on the module's version"
    )


def _logs(make: Builder) -> Value:
    given = _first(make, "enabled_log_types", "cluster_enabled_log_types")
    if given is not None:
        return given
    names = ("audit", "api", "authenticator")
    listed = tuple(make.default("enabled_log_types", name) for name in names)
    return make.default("enabled_log_types", listed)


def _addons(make: Builder, cluster: Resource) -> list[Resource]:
    return [
        make.resource(
            f"aws_eks_addon.this[{quoted(name)}]",
            "aws",
            cluster_name=make.reference(cluster, "name"),
            addon_name=entry.get("name") or make.fixed(name),
            configuration_values=entry.get("configuration_values"),
        )
        for name, entry in members_of(_first(make, "addons", "cluster_addons"))
        if not entry.is_null
    ]


def _entries(make: Builder, cluster: Resource) -> list[Resource]:
    """Access entries, with the access policies of each."""
    made = []
    for name, entry in members_of(make.input("access_entries")):
        who = {
            "cluster_name": make.reference(cluster, "name"),
            "principal_arn": entry.get("principal_arn"),
        }
        made.append(
            make.resource(
                f"aws_eks_access_entry.this[{quoted(name)}]",
                "aws",
                **who,
                kubernetes_groups=entry.get("kubernetes_groups"),
                user_name=entry.get("user_name"),
            )
        )
        for policy, one in members_of(entry.get("policy_associations")):
            key = quoted(f"{name}_{policy}")
            scope = one.get("access_scope")
            made.append(
                make.resource(
                    f"aws_eks_access_policy_association.this[{key}]",
                    "aws",
                    **who,
                    policy_arn=one.get("policy_arn"),
                    access_scope=None if scope is None else make.fixed((scope,)),
                )
            )
    return made


def _key(make: Builder) -> list[Resource]:
    switch = make.input("create_kms_key")
    if switch is None and not any(major >= _MAKES_KEY for major in make.majors):
        return []
    if switched_off(switch) or _unsealed(make):
        return []
    unsure = switch
    if switch is None and not all(major >= _MAKES_KEY for major in make.majors):
        unsure = make.unknown("whether the module makes a key depends on its version")
    return [
        make.resource(
            "module.kms.aws_kms_key.this[0]",
            "aws",
            unsure,
            deletion_window_in_days=make.input("kms_key_deletion_window_in_days"),
            tags=make.input("tags"),
        )
    ]


def _unsealed(make: Builder) -> bool:
    """Whether the call turns the encryption of secrets off: by null, `{}` or `[]`.

    An empty object means the default from version 21 on, and null turns it off.
    """
    arguments = make.call.arguments
    for name in ("encryption_config", "cluster_encryption_config"):
        given = arguments.at(name)
        if given is not None:
            old = name.startswith("cluster_")
            return given.is_null or (old and is_empty(given))
    return False


def _encryption(make: Builder, keys: list[Resource]) -> Value | None:
    config = _either(make, "encryption_config")
    named = config.get("provider_key_arn") if config is not None else None
    if keys and not switched_off(make.input("create_kms_key")):
        named = make.reference(keys[0], "arn")
    if named is None or named.is_null:
        return None
    return make.blocks(provider=make.blocks(key_arn=named))


def _node_group(
    make: Builder, cluster: Resource, name: str, entry: Value
) -> list[Resource]:
    """A node group with the launch template that the module makes for it."""

    def of(argument: str) -> Value | None:
        own = entry.get(argument)
        if own is not None and not own.is_null:
            return own
        return make.input("eks_managed_node_group_defaults", argument)

    within = f"module.eks_managed_node_group[{quoted(name)}]"
    made = []
    template = None
    if not switched_off(of("use_custom_launch_template")):
        template = of("launch_template_id")
        if template is None and not switched_off(of("create_launch_template")):
            own = _template(make, within, of("block_device_mappings"), of)
            made.append(own)
            template = make.reference(own, "id")
    group = make.resource(
        f"{within}.aws_eks_node_group.this[0]",
        "aws",
        of("create"),
        cluster_name=make.reference(cluster, "name"),
        instance_types=of("instance_types"),
        ami_type=of("ami_type"),
        node_role_arn=of("iam_role_arn"),
        labels=of("labels"),
        taint=_taints(of("taints")),
        disk_size=of("disk_size"),
        subnet_ids=of("subnet_ids") or make.input("subnet_ids"),
        tags=of("tags"),
        launch_template=None if template is None else make.blocks(id=template),
    )
    return [group, *made]


def _template(
    make: Builder,
    within: str,
    devices: Value | None,
    of: Callable[[str], Value | None],
) -> Resource:
    if devices is not None and isinstance(devices.data, dict):
        devices = devices.replace(data=tuple(devices.data.values()))
    return make.resource(
        f"{within}.aws_launch_template.this[0]",
        "aws",
        block_device_mappings=devices,
        enclave_options=of("enclave_options"),
        cpu_options=of("cpu_options"),
        metadata_options=_metadata(make, of("metadata_options")),
    )


def _taints(taints: Value | None) -> Value | None:
    """Taints as blocks: the input is a list, or from version 21 on a map."""
    if taints is None or not isinstance(taints.data, dict):
        return taints
    return taints.replace(data=tuple(taints.data.values()))


def _metadata(make: Builder, given: Value | None) -> Value:
    """What the template says of the metadata service, with the module's defaults."""
    hops = {1 if major >= _HOPS else 2 for major in make.majors}
    limit = (
        make.default("metadata_options", hops.pop())
        if len(hops) == 1
        else make.unknown("the hop limit depends on the module's version")
    )
    tokens = make.default("metadata_options", "required")
    if given is None:
        return make.blocks(http_tokens=tokens, http_put_response_hop_limit=limit)
    if given.unknown is not None:
        return given
    members = {n: v for n, v in given.items() if not v.is_null}
    if all(major >= _HOPS for major in make.majors):  # defaults of each attribute
        members = {
            "http_tokens": tokens,
            "http_put_response_hop_limit": limit,
        } | members
    return given.replace(data=(Value(members, given.span, key=given.key),))


AWS_EKS = Module(
    ("terraform-aws-modules/eks/aws", "terraform-aws-modules/terraform-aws-eks"),
    "18.31 to 21.19",
    21,
    _expand,
)
