"""Evidence that people's rights to weights end, and that a second person is asked.

Only evidence: an object shows that a process is set up, not that anybody follows it.
Arguments as documented for hashicorp/aws 6.x, google 7.x, azurerm 4.x, 2026-11. An IAM
role's sessions last an hour unless max_session_duration says more, those of a permission
set too (AWS documentation, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.reading import given, put_also, read_bool, reading
from mlsec_lint.lower.scalars import text_of
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

_ASKED, _EXPIRES = "approval.asked", "approval.expires"
_HOUR = 3600
_NONE = {
    _ASKED: "nothing in the scan asks a second person before people get rights",
    _EXPIRES: "nothing in the scan shows that rights of people end",
}
_ENTITLEMENT = "google_privileged_access_manager_entitlement"
_POLICY = "azurerm_role_management_policy"
_ELIGIBLE = "azurerm_pim_eligible_role_assignment"
_PERMISSION_SET = "aws_ssoadmin_permission_set"
_ADMISSION = ("ValidatingAdmissionPolicy", "ClusterPolicy", "Policy")
_EXEC = regex(r"(?i)\bpods?/(?:exec|attach)\b|\bPodExecOptions\b")
#: ISO 8601, as AWS takes it: PT1H, PT90M, P1DT2H.
_DURATION = regex(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)
_MAX_VALUES = 5_000

_Found = tuple[str, Fact]


def lower_approvals(inputs: Inputs, estate: Estate) -> None:
    """State the two facts of every cloud and cluster of the scan. After clusters."""
    index = index_of(inputs)
    readers: dict[str, tuple[Callable[[RootIndex], Iterator[_Found]], tuple[str, ...]]]
    readers = {
        "aws": (_aws, (_EXPIRES,)),
        "gcp": (_google, (_ASKED, _EXPIRES)),
        "azure": (_azure, (_ASKED, _EXPIRES)),
    }
    for name, (read, wanted) in readers.items():
        cloud = estate.find("cloud", f"cloud:{name}")
        if cloud is None:
            continue
        for here in index.roots:
            for fact, found in read(here):
                put_also(cloud, fact, found)
        for fact in wanted:
            if fact not in cloud.facts:
                cloud.state(fact, value=False, default=_NONE[fact])
    guard = next(filter(_guards_exec, inputs.manifests), None)
    for cluster in estate.of("cluster"):
        if guard is not None:
            cluster.state(_ASKED, value=True, span=guard.span)
        else:
            cluster.state(_ASKED, value=False, default=_NONE[_ASKED])


def _aws(here: RootIndex) -> Iterator[_Found]:
    for permissions in here.of(_PERMISSION_SET):
        default = Fact(value=True, span=permissions.span, default="AWS: one hour")
        value = given(permissions.values, "session_duration")
        yield _EXPIRES, _short(permissions, value, default)


def _short(owner: Resource, value: Value | None, default: Fact) -> Fact:
    """Whether a duration is an hour at most."""
    if value is None:
        return default
    text = value.text()
    if isinstance(text, Unknown):
        return reading(value, owner, text._replace(possible=None, parts=()))
    found = _DURATION.fullmatch((text or "").strip().upper())
    if found is None:
        unknown = Unknown("error", "this is no duration", span=value.span)
        return reading(value, owner, unknown)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return reading(value, owner, whole <= _HOUR)


def _google(here: RootIndex) -> Iterator[_Found]:
    path = "approval_workflow.manual_approvals.steps.approvals_needed"
    for entitlement in here.of(_ENTITLEMENT):
        yield _EXPIRES, Fact(value=True, span=entitlement.span)
        found = values_at(entitlement.values, path)
        workflow = values_at(entitlement.values, "approval_workflow.manual_approvals")
        for value in found:
            number = value.integer()
            if isinstance(number, Unknown):
                yield (
                    _ASKED,
                    reading(value, entitlement, number._replace(possible=None)),
                )
            else:
                yield _ASKED, reading(value, entitlement, (number or 0) >= 1)
        if not found:
            yield _ASKED, Fact(value=bool(workflow), span=entitlement.span)


def _azure(here: RootIndex) -> Iterator[_Found]:
    for assignment in here.of(_ELIGIBLE):
        yield _EXPIRES, Fact(value=True, span=assignment.span)
    for policy in here.of(_POLICY):
        off = Fact(value=False, span=policy.span)
        switch = given(policy.values, "activation_rules", "require_approval")
        yield _ASKED, read_bool(policy, switch, off)


def _guards_exec(manifest: Manifest) -> bool:
    """Whether an admission policy is about commands in pods."""
    if manifest.kind not in _ADMISSION:
        return False
    group = text_of(given(manifest.value, "apiVersion")).partition("/")[0]
    if group not in ("admissionregistration.k8s.io", "kyverno.io"):
        return False
    waiting, seen = [manifest.value], 0
    while waiting and seen < _MAX_VALUES:
        value = waiting.pop()
        seen += 1
        if isinstance(value.data, str) and _EXEC.search(value.data[:500]):
            return True
        waiting.extend(value.elements())
        waiting.extend(inner for _, inner in value.items())
    return False
