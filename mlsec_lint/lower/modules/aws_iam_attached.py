"""Policies that the role modules of terraform-aws-modules/iam/aws attach (4.0 to 6.5).

Lists and maps of ARNs, the switches for AWS's own policies of administrators and
readers, and the policy for the Mountpoint driver of S3. Other policies that the modules
write for controllers (autoscaler, load balancer, DNS) do not reach stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    entries_of,
    members_of,
    quoted,
    switched_on,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.modules.building import Builder
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_TYPE = "aws_iam_role_policy_attachment"
#: Switch of iam-assumable-role -> the policy that it attaches unless another is named.
_SWITCHES = {
    "attach_admin_policy": ("admin_role_policy_arn", "AdministratorAccess"),
    "attach_poweruser_policy": ("poweruser_role_policy_arn", "PowerUserAccess"),
    "attach_readonly_policy": ("readonly_role_policy_arn", "ReadOnlyAccess"),
}
#: Inputs that list policies, by whatever form the version takes.
_LISTS = ("role_policy_arns", "custom_role_policy_arns", "policies")


def attached(make: Builder, role: Resource) -> Iterator[Resource]:
    """The attachments, and the inline policy, that a call makes for its role."""
    name = make.reference(role, "name")
    for address, arn, switch in _arns(make):
        yield make.resource(address, "aws", switch, role=name, policy_arn=arn)
    mountpoint = make.input("attach_mountpoint_s3_csi_policy")
    if switched_on(mountpoint):
        yield make.resource(
            "aws_iam_role_policy.mountpoint_s3_csi[0]",
            "aws",
            mountpoint,
            role=name,
            policy=_mountpoint(make),
        )


def _arns(make: Builder) -> Iterator[tuple[str, Value, Value | None]]:
    for listed in _LISTS:
        value = make.input(listed)
        if value is None:
            continue
        for number, arn in enumerate(entries_of(value)):
            key = "*" if value.unknown is not None else str(number)
            yield f"{_TYPE}.{listed}[{key}]", arn, None
        for key, arn in members_of(value):
            yield f"{_TYPE}.{listed}[{'*' if key == '*' else quoted(key)}]", arn, None
    for switch, (named, default) in _SWITCHES.items():
        given = make.input(switch)
        if given is not None and switched_on(given):
            text = f"arn:aws:iam::aws:policy/{default}"
            arn = given.replace(data=text, origin=None, symbol=None)
            yield f"{_TYPE}.{switch}[0]", make.input(named) or arn, given


def _mountpoint(make: Builder) -> Value:
    """What the policy for the Mountpoint driver lets a pod do with the listed paths."""
    paths = make.input("mountpoint_s3_csi_path_arns") or make.fixed(())
    actions = (
        "s3:GetObject",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
    )
    statement = {
        "Effect": make.fixed("Allow"),
        "Action": make.fixed(tuple(make.fixed(action) for action in actions)),
        "Resource": paths,
    }
    tree = make.fixed({"Statement": make.fixed((make.fixed(statement),))})
    text = make.unknown(f"the module of {make.call.address} writes it")
    return text.replace(origin=("json", tree))
