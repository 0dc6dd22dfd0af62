"""Deny policies of Terraform (`google_iam_deny_policy`) as denials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import HOLE
from mlsec_lint.lower.gcp.grants.evaluate import Denial, Scope
from mlsec_lint.lower.gcp.grants.texts import project_name, told
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_LEVELS = {
    "projects": "project",
    "folders": "folder",
    "organizations": "organisation",
}
#: Services whose permissions begin otherwise in allow policies (IAM, "Permissions
#: supported in deny policies", 2026-11).
_SERVICES = {"cloudresourcemanager": "resourcemanager"}


def denials_of(index: TerraformIndex) -> list[tuple[RootIndex, Denial]]:
    """Every rule of every deny policy; what of it is unknown makes it a possible one."""
    found: list[tuple[RootIndex, Denial]] = []
    for here in index.roots:
        for policy in here.of("google_iam_deny_policy"):
            found += [(here, rule) for rule in _rules(here, policy)]
    return found


def _rules(here: RootIndex, policy: Resource) -> Iterator[Denial]:
    scope = _scope(_decoded(told(here, given(policy.values, "parent"))))
    doubt = "whether it exists is not known" if policy.repeat_unknown else ""
    for outer in blocks(policy.values, "rules"):
        for rule in blocks(outer, "deny_rule"):
            if rule.unknown is None:
                yield _rule(here, rule, scope, doubt)


def _rule(here: RootIndex, rule: Value, scope: Scope, doubt: str) -> Denial:
    condition = given(rule, "denial_condition", "expression")
    listed = given(rule, "exception_principals")
    if listed is not None and listed.unknown is not None:
        doubt = doubt or "whom it spares is not known"
    return Denial(
        _texts(here, rule, "denied_principals"),
        tuple(map(permission_of, _texts(here, rule, "denied_permissions"))),
        scope,
        _texts(here, rule, "exception_principals"),
        tuple(map(permission_of, _texts(here, rule, "exception_permissions"))),
        told(here, condition),
        doubt,
    )


def _texts(here: RootIndex, rule: Value, name: str) -> tuple[str, ...]:
    return tuple(told(here, v) for v in values_at(rule, name))


def _decoded(parent: str) -> str:
    """With the slashes of an attachment point, which are written as `%2F`."""
    pieces = parent.split(HOLE)
    pieces[::2] = [re.sub("(?i)%2f", "/", piece) for piece in pieces[::2]]
    return HOLE.join(pieces)


def _scope(parent: str) -> Scope:
    """`cloudresourcemanager.googleapis.com/projects/p`, decoded, as a place."""
    kind, _, name = parent.rpartition("/")
    level = _LEVELS.get(kind.rpartition("/")[2], "")
    if not level:
        return Scope("folder", "\0\0")  # nobody can tell where
    return Scope(level, project_name(name) if level == "project" else name)


def permission_of(text: str) -> str:
    """`storage.googleapis.com/objects.get` in the form of allow policies."""
    host, found, rest = text.partition("/")
    if not found:
        return text
    service = host.partition(".")[0]
    return f"{_SERVICES.get(service, service)}.{rest}"
