"""As whom machines and managed services of Google Cloud act, and the default accounts.

Compute Engine's default service account has the role Editor from the start, unless the
constraint iam.automaticIamGrantsForDefaultServiceAccounts was in force or somebody took
it away (Google Cloud, IAM, "Default service accounts", 2026-11): it may read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.nodes import act_as, default_account
from mlsec_lint.lower.gcp.grants.pods import Actor
from mlsec_lint.lower.gcp.identities import ACCOUNT
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.gcp.grants.people import People
    from mlsec_lint.lower.gcp.grants.rights import Rights
    from mlsec_lint.lower.gcp.grants.stores import Placed
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_KINDS = (ACCOUNT, f"data.{ACCOUNT}")
#: Types of workloads with the argument that names their account; whether one that names
#: none acts as the default account of Compute Engine (providers' documentation, 2026-11).
_WORKLOADS = (
    ("google_compute_instance", "service_account.email", False),
    ("google_compute_instance_from_template", "service_account.email", False),
    ("google_tpu_v2_vm", "service_account.email", True),
    ("google_cloud_run_v2_service", "template.service_account", True),
    ("google_cloud_run_v2_job", "template.template.service_account", True),
    ("google_cloud_run_service", "template.spec.service_account_name", True),
    ("google_cloudfunctions2_function", "service_config.service_account_email", True),
)
_DEFAULT = "/default-compute@developer.gserviceaccount.com"
_CONSTRAINT = "iam.automaticIamGrantsForDefaultServiceAccounts"


def link_workloads(index: TerraformIndex, estate: Estate) -> None:
    """Tie workloads to the accounts that they act as, where nobody has yet."""
    for here in index.roots:
        for kind, argument, by_default in _WORKLOADS:
            for resource in here.of(kind):
                _workload(here, resource, argument, estate, by_default=by_default)


def _workload(
    here: RootIndex,
    resource: Resource,
    argument: str,
    estate: Estate,
    *,
    by_default: bool,
) -> None:
    workload = estate.find("workload", here.address(resource))
    if workload is None or estate.edges_from(workload, "runs as"):
        return
    named = values_at(resource.values, argument)
    if named:
        words = "its service account"
        act_as(estate, here, workload, named[0], resource, _KINDS, words)
    elif by_default or given(resource.values, "service_account") is not None:
        account = default_account(estate, here, resource, resource.span)
        words = "names no service account: the project's default one"
        estate.link(workload, "runs as", account, resource.span, words)


def link_default_accounts(people: People, rights: Rights, placed: Placed) -> None:
    """Let the default accounts of a store's project perhaps read and write it."""
    project = next((s.name for s in placed.above if s.level == "project"), "")
    if rights.constraints.holds(_CONSTRAINT, placed.above) is True:
        return
    editor = f"projectEditor:{project}"
    for verb, wanted in (
        ("may read", placed.kind.read),
        ("may write", placed.kind.write),
    ):
        given_to = [b.rights for b in placed.own if b.member == editor]
        if not any(r.permits(p) for r in given_to for p in wanted):
            continue
        for account in people.estate.of("identity"):
            own = account.fact("account")
            if not account.address.endswith(_DEFAULT) or own is None:
                continue
            if own.value == project:
                doubt = (
                    "whether the default account still has the role Editor is not known"
                )
                words = "default accounts are editors of their project from the start"
                actor = Actor(account, doubt)
                people.link(actor, verb, placed.thing, account.span, words)
