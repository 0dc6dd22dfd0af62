"""Who records reads of Cloud Storage objects: audit logs of data reads, usage logs.

Data access logs are off unless an audit config switches them on, for the project or for
a folder or organisation above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import HOLE, told
from mlsec_lint.lower.gcp.storage import BUCKET
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    reading,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

PROJECT = "google_project_iam_audit_config"
ABOVE = ("google_folder_iam_audit_config", "google_organization_iam_audit_config")
_SERVICES = ("storage.googleapis.com", "allServices")


def lower_audit(index: TerraformIndex, estate: Estate) -> None:
    """State `access.logged` of every declared bucket."""
    configs = [(here, c) for here in index.roots for c in here.of(PROJECT, *ABOVE)]
    for here in index.roots:
        for bucket in here.of(BUCKET):
            store = estate.find("store", here.address(bucket))
            if store is None:
                continue
            found = _usage_logs(bucket)
            for home, config in configs:
                found += _audited(home, config, project_of(here, bucket))
            found.append(by_default(bucket, "data_access_log"))
            put(store, "access.logged", any_of(found))


def project_of(here: RootIndex, resource: Resource) -> str:
    """The project of a resource as text, unknown parts named; "" where nothing says."""
    own = given(resource.values, "project")
    if own is None or own.unknown is not None:
        provider = given(resource.provider.values, "project")
        computed = own is not None and own.unknown is not None and own.symbol is None
        own = provider if own is None or (computed and provider is not None) else own
    return told(here.text_of(own)) if own is not None else ""


def _usage_logs(bucket: Resource) -> list[Fact]:
    found = []
    for block in blocks(bucket.values, "logging"):
        target = given(block, "log_bucket")
        if target is not None:
            found.append(reading(target, bucket, data=True))
        elif block.unknown is not None:
            found.append(reading(block, bucket, block.unknown))
    return found


def _audited(here: RootIndex, config: Resource, project: str) -> list[Fact]:
    """What an audit config says about reads in a project; nothing where it is no match."""
    service = here.text_of(given(config.values, "service"))
    if isinstance(service, str) and service not in _SERVICES:
        return []
    where = _concerns(here, config, project)
    if where is False:
        return []
    found: list[Fact] = []
    for block in blocks(config.values, "audit_log_config"):
        kind = given(block, "log_type")
        if kind is None or (kind.data != "DATA_READ" and kind.unknown is None):
            continue
        truth: bool | Unknown = kind.unknown if kind.unknown is not None else where
        if isinstance(service, Unknown):
            truth = service._replace(possible=None, parts=())
        exempted = values_at(block, "exempted_members")
        if exempted and truth is True:
            why = "some members are exempted from the log"
            truth = Unknown("unsupported", why, span=exempted[0].span)
        found.append(maybe_absent(config, reading(kind, config, truth)))
    return found


def _concerns(here: RootIndex, config: Resource, project: str) -> bool | Unknown:
    """Whether an audit config is for a project; unknown where a name is."""
    if config.type != PROJECT:
        if config.type.startswith("google_organization"):
            return True
        why = "whether the project lies in the folder is not known"
        return Unknown("resource", why, span=config.span)
    named = told(here.text_of(given(config.values, "project")))
    if named == project and named:
        return True
    if HOLE not in named and HOLE not in project and named and project:
        return False
    why = f"whether {config.address} is for the bucket's project is not known"
    return Unknown("resource", why, span=config.span)
