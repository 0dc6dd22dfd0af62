"""Members of Google Cloud policies: what sort they are, and whom a denial means.

Members and principal identifiers as in Google Cloud, IAM, "Principal identifiers",
2026-11. All texts are canonical (`texts.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from mlsec_lint.lower.aws.arns import HOLE
from mlsec_lint.lower.gcp.grants.texts import same, whole
from mlsec_lint.patterns import regex

EVERYONE = ("allUsers", "allAuthenticatedUsers")
_ACCOUNT = regex(r"[^@]+@(?P<project>[^@]+)\.iam\.gserviceaccount\.com")
_AGENT = regex(
    r"(?:service-[^@]*|[^@]*)@(?P<name>gcp-sa-[a-z0-9-]+|gs-project-accounts"
    r"|compute-system|container-engine-robot|cloudservices|cloud-ml\.google\.com"
    r"|serverless-robot-prod|gcf-admin-robot|dataflow-service-producer-prod"
    r"|cloud-tpu|storage-transfer-service|bigquery-encryption)"
    r"(?:\.iam)?\.gserviceaccount\.com|[^@]+@(?P<other>cloudservices|cloudbuild)"
    r"\.gserviceaccount\.com"
)
#: Agents of services that are not listed: named after the number of the project that
#: they work for, never after the project that they lie in, which is Google's own.
_NUMBERED = regex(
    rf"service-(?:org-|folder-)?(?:\d{{6,}}|{HOLE}[^{HOLE}]*{HOLE})"
    r"@(?P<name>[^@]+)\.iam\.gserviceaccount\.com"
)
#: The account of App Engine, named after its project.
_ENGINE = regex(r"(?P<project>[^@]+)@appspot\.gserviceaccount\.com")
_POOL = regex(
    r"(?P<set>principalSet|principal)://iam\.googleapis\.com/projects/(?P<project>[^/]+)"
    r"/locations/global/workloadIdentityPools/(?P<pool>[^/]+)/(?P<rest>.+)"
)
_GKE = regex(r"(?P<project>.+)\.svc\.id\.goog\[(?P<space>[^/\]]*)/(?P<name>[^\]]*)\]")


class Principal(NamedTuple):
    """A member: `sort` of it, its `name`, the project it belongs to where that is told.

    Sorts: user, group, domain, service-account, service (Google's own agents),
    everyone, holders (a project's owners, editors or viewers), pool (of a workload
    identity pool), pod (a service account of a cluster), unknown.
    """

    sort: str
    name: str
    project: str = ""
    rest: str = ""


class PodName(NamedTuple):
    """A service account of clusters: the project of their pool, namespace and name."""

    project: str
    space: str
    name: str


def principal_of(member: str) -> Principal | None:
    """What a member is; None for one that is nobody any more (`deleted:`)."""
    if member in EVERYONE:
        return Principal("everyone", member)
    kind, _, name = member.partition(":")
    match kind:
        case "user" | "group" | "domain":
            return Principal(kind, name.lower())
        case "serviceAccount":
            return _account(name)
        case "projectOwner" | "projectEditor" | "projectViewer":
            return Principal("holders", kind.removeprefix("project").lower(), name)
        case "principal" | "principalSet":
            return _federated(member)
        case "deleted":
            return None
    return Principal("unknown", member)


def _account(name: str) -> Principal:
    pod = _GKE.fullmatch(name)
    if pod is not None:
        return Principal("pod", name, pod["project"])
    agent = _AGENT.fullmatch(name)
    if agent is not None:
        return Principal("service", agent["name"] or agent["other"])
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        return Principal("service", numbered["name"])
    own = _ACCOUNT.fullmatch(name) or _ENGINE.fullmatch(name)
    return Principal("service-account", name, _project(own["project"]) if own else "")


def _project(label: str) -> str:
    """A project as its id is written: `ml.lab.example` of a mail is `lab.example:ml`."""
    name, dot, domain = label.partition(".")
    return f"{domain}:{name}" if dot and whole(label) else label


def _federated(member: str) -> Principal:
    pool = _POOL.fullmatch(member)
    if pool is None:
        return Principal("unknown", member)
    return Principal("pool", pool["pool"], pool["project"], pool["rest"])


def pod_of(name: str) -> PodName | None:
    """The parts of `PROJECT.svc.id.goog[NAMESPACE/NAME]`."""
    found = _GKE.fullmatch(name)
    if found is None:
        return None
    return PodName(found["project"], found["space"], found["name"])


#: Principals of deny policies, and the members that they are.
_DENIED = (
    ("principal://goog/subject/", "user:"),
    ("principalSet://goog/group/", "group:"),
    ("principal://iam.googleapis.com/projects/-/serviceAccounts/", "serviceAccount:"),
)
_ALL = "principalSet://goog/public:all"
#: Sorts of members that are many: a denial of one of them leaves the others.
_MANY = ("group", "domain", "everyone", "holders")


def means(denied: str, member: str) -> bool | None:
    """Whether a principal of a deny policy is, or holds, all of a member.

    None where nobody can tell: who belongs to a group or an organisation.
    """
    if denied == _ALL:
        return True
    for start, kind in _DENIED:
        if denied.startswith(start):
            denied = kind + denied.removeprefix(start)
            break
    found = same(_folded(denied), _folded(member))
    if found is not False:
        return found
    if member in EVERYONE:
        return False
    collective = denied.startswith(("group:", "principalSet://"))
    return None if collective or not whole(denied) else False


def spares(exempted: str, member: str) -> bool | None:
    """Whether an exception of a deny policy is, or holds, at least a part of a member."""
    found = means(exempted, member)
    if found is not False:
        return found
    principal = principal_of(member)
    many = principal is not None and principal.sort in _MANY
    return None if many else False


def _folded(member: str) -> str:
    return member.lower() if "@" in member else member
