"""Cases of Google Cloud's documentation for who holds a permission, in own words.

Each case: its page, allow bindings, denials, the question, and who holds it: certainly
(`sure`) or possibly (`maybe`). Then laws that hold whatever the policies say.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.lower.gcp.grants.bindings import Origin, default_bindings
from mlsec_lint.lower.gcp.grants.cel import Asked, Extent, read_condition
from mlsec_lint.lower.gcp.grants.denials import permission_of
from mlsec_lint.lower.gcp.grants.evaluate import (
    Binding,
    Denial,
    Scope,
    Target,
    holders,
)
from mlsec_lint.lower.gcp.grants.principals import means, principal_of
from mlsec_lint.lower.gcp.grants.roles import Rights, predefined

DOCS = "https://cloud.google.com"
HIERARCHY = "/iam/docs/resource-hierarchy-access-control"
CONDITIONS = "/iam/docs/conditions-overview"
ATTRIBUTES = "/iam/docs/conditions-attribute-reference"
DENY = "/iam/docs/deny-overview"
ROLES = "/iam/docs/understanding-roles"
STORAGE = "/storage/docs/access-control/iam"
STORAGE_ROLES = "/storage/docs/access-control/iam-roles"
ACCOUNTS = "/iam/docs/service-account-permissions"

ORGANISATION = Scope("organisation", "1")
FOLDER = Scope("folder", "7")
PROJECT = Scope("project", "lab")
OTHER = Scope("project", "web")
BUCKET = Scope("resource", "bucket")
NEIGHBOUR = Scope("resource", "neighbour")
OBJECTS = "projects/_/buckets/b/objects/"
READ = "storage.objects.get"
KIM, LEE = "user:kim@lab.example", "user:lee@lab.example"
TEAM = "group:team@lab.example"
ROBOT = "serviceAccount:t@lab.iam.gserviceaccount.com"
VIEWER, CREATOR = "roles/storage.objectViewer", "roles/storage.objectCreator"
ADMIN = "roles/storage.admin"


def allow(member, role, scope=BUCKET, condition=""):
    return Binding(member, role, predefined(role), scope, condition)


def deny(principals, permissions=(READ,), scope=PROJECT, **rest):
    return Denial(tuple(principals), tuple(permissions), scope, **rest)


def target(asked_type="storage.googleapis.com/Object", name=OBJECTS, below=True):
    asked = Asked(asked_type, name, below)
    return Target(asked, "bucket", (PROJECT, FOLDER, ORGANISATION), rooted=True)


def held(permission, bindings, denials=(), where=None):
    """Members that hold it for certain, and those that only may."""
    found = list(holders((permission,), where or target(), bindings, denials))
    sure = {h.member for h in found if not h.doubt}
    return sure, {h.member for h in found} - sure


def subject(mail):
    return f"principal://goog/subject/{mail}"


def group(mail):
    return f"principalSet://goog/group/{mail}"


def robot(mail):
    return f"principal://iam.googleapis.com/projects/-/serviceAccounts/{mail}"


EVERYBODY = "principalSet://goog/public:all"


class Case(NamedTuple):
    says: str
    page: str
    permission: str
    bindings: tuple
    denials: tuple = ()
    sure: tuple = ()
    maybe: tuple = ()


def begins(prefix):
    return f'resource.name.startsWith("projects/_/buckets/{prefix}")'


CASES = (
    # inheritance
    Case("a role on the bucket counts on the bucket", HIERARCHY, READ,
         (allow(KIM, VIEWER),), sure=(KIM,)),
    Case("a role on the project is inherited by its buckets", HIERARCHY, READ,
         (allow(KIM, VIEWER, PROJECT),), sure=(KIM,)),
    Case("a role on a folder is inherited by projects in it", HIERARCHY, READ,
         (allow(KIM, VIEWER, FOLDER),), sure=(KIM,)),
    Case("a role on the organisation is inherited by all below", HIERARCHY, READ,
         (allow(KIM, VIEWER, ORGANISATION),), sure=(KIM,)),
    Case("a role on another project does not count", HIERARCHY, READ,
         (allow(KIM, VIEWER, OTHER),)),
    Case("a role on a sibling does not count", HIERARCHY, READ,
         (allow(KIM, VIEWER, NEIGHBOUR),)),
    Case("policies add up: a narrow role below takes nothing from a wide one above",
         HIERARCHY, READ,
         (allow(KIM, VIEWER, PROJECT), allow(KIM, CREATOR)), sure=(KIM,)),
    # what roles hold
    Case("who may create objects may not read them", STORAGE_ROLES, READ,
         (allow(KIM, CREATOR),)),
    Case("who may create objects may create them", STORAGE_ROLES,
         "storage.objects.create", (allow(KIM, CREATOR),), sure=(KIM,)),
    Case("an object viewer may not write", STORAGE_ROLES, "storage.objects.create",
         (allow(KIM, VIEWER),)),
    Case("an object user may read", STORAGE_ROLES, READ,
         (allow(KIM, "roles/storage.objectUser"),), sure=(KIM,)),
    Case("an object user may not set policies of the bucket", STORAGE_ROLES,
         "storage.buckets.setIamPolicy", (allow(KIM, "roles/storage.objectUser"),)),
    Case("a storage administrator may", STORAGE_ROLES, "storage.buckets.setIamPolicy",
         (allow(KIM, ADMIN),), sure=(KIM,)),
    Case("an object administrator may not set policies of the bucket", STORAGE_ROLES,
         "storage.buckets.setIamPolicy", (allow(KIM, "roles/storage.objectAdmin"),)),
    Case("a legacy bucket reader lists, and reads no object", STORAGE_ROLES, READ,
         (allow(KIM, "roles/storage.legacyBucketReader"),)),
    Case("a legacy object reader reads objects", STORAGE_ROLES, READ,
         (allow(KIM, "roles/storage.legacyObjectReader"),), sure=(KIM,)),
    Case("a legacy bucket owner reads no object", STORAGE_ROLES, READ,
         (allow(KIM, "roles/storage.legacyBucketOwner"),)),
    Case("basic roles by themselves read no object", STORAGE, READ,
         (allow(KIM, "roles/editor", PROJECT),)),
    Case("a bucket's projectViewer is whoever is a viewer of the project", STORAGE, READ,
         (allow("projectViewer:lab", "roles/storage.legacyObjectReader"),
          allow(KIM, "roles/viewer", PROJECT)),
         sure=("projectViewer:lab", KIM)),
    Case("and nobody who views another project", STORAGE, READ,
         (allow("projectViewer:lab", "roles/storage.legacyObjectReader"),
          allow(KIM, "roles/viewer", OTHER)),
         sure=("projectViewer:lab",)),
    Case("logging roles touch no object", ROLES, READ,
         (allow(ROBOT, "roles/logging.logWriter", PROJECT),)),
    Case("a role that the tables do not know may read", ROLES, READ,
         (allow(KIM, "roles/storage.inventedNextYear"),), maybe=(KIM,)),
    # members
    Case("everyone is everyone", "/iam/docs/principal-identifiers", READ,
         (allow("allUsers", VIEWER),), sure=("allUsers",)),
    Case("a deleted member is nobody", "/iam/docs/principal-identifiers", READ,
         (allow("deleted:user:kim@lab.example?uid=1", VIEWER),)),
    # conditions
    Case("a condition on the name of objects gives some of them", CONDITIONS, READ,
         (allow(KIM, VIEWER, BUCKET, begins("b/objects/exports/")),), sure=(KIM,)),
    Case("a condition on the name of another bucket gives none", CONDITIONS, READ,
         (allow(KIM, VIEWER, PROJECT, begins("c/")),)),
    Case("a condition that starts with the bucket's own name gives it all", ATTRIBUTES,
         READ, (allow(KIM, VIEWER, PROJECT, begins("b/")),), sure=(KIM,)),
    Case("resource.type Bucket is no object", ATTRIBUTES, READ,
         (allow(KIM, VIEWER, PROJECT,
                'resource.type == "storage.googleapis.com/Bucket"'),)),
    Case("resource.type Object is", ATTRIBUTES, READ,
         (allow(KIM, VIEWER, PROJECT,
                'resource.type == "storage.googleapis.com/Object"'),), sure=(KIM,)),
    Case("another service is not", ATTRIBUTES, READ,
         (allow(KIM, VIEWER, PROJECT,
                'resource.service == "compute.googleapis.com"'),)),
    Case("an alternative for buckets beside one for names", ATTRIBUTES, READ,
         (allow(KIM, VIEWER, PROJECT,
                'resource.type == "storage.googleapis.com/Bucket" || '
                + begins("b/objects/x")),), sure=(KIM,)),
    Case("a date at which it ends leaves it possible", CONDITIONS, READ,
         (allow(KIM, VIEWER, BUCKET,
                'request.time < timestamp("2027-01-01T00:00:00Z")'),), maybe=(KIM,)),
    Case("a condition on tags leaves it possible", ATTRIBUTES, READ,
         (allow(KIM, VIEWER, BUCKET, "resource.matchTag('1/env', 'prod')"),),
         maybe=(KIM,)),
    Case("time cannot widen a name that does not fit", CONDITIONS, READ,
         (allow(KIM, VIEWER, PROJECT,
                begins("c/") + ' && request.time < timestamp("2027-01-01T00:00:00Z")'),)),
    # deny policies
    Case("a deny rule beats an allow policy", DENY, READ,
         (allow(KIM, VIEWER),), (deny([subject("kim@lab.example")]),)),
    Case("it is inherited from the organisation", DENY, READ,
         (allow(KIM, VIEWER),), (deny([subject("kim@lab.example")], scope=ORGANISATION),)),
    Case("on another project it does not count", DENY, READ,
         (allow(KIM, VIEWER),), (deny([subject("kim@lab.example")], scope=OTHER),),
         sure=(KIM,)),
    Case("for another permission it does not count", DENY, READ,
         (allow(KIM, VIEWER),),
         (deny([subject("kim@lab.example")], ["storage.objects.delete"]),), sure=(KIM,)),
    Case("for another person it does not count", DENY, READ,
         (allow(KIM, VIEWER),), (deny([subject("lee@lab.example")]),), sure=(KIM,)),
    Case("public:all takes it from all", DENY, READ,
         (allow(KIM, VIEWER), allow(TEAM, VIEWER), allow("allUsers", VIEWER)),
         (deny([EVERYBODY]),)),
    Case("but for those it spares", DENY, READ,
         (allow(KIM, VIEWER), allow(LEE, VIEWER)),
         (deny([EVERYBODY], spared=(subject("kim@lab.example"),)),), sure=(KIM,)),
    Case("a spared service account keeps it", DENY, READ,
         (allow(ROBOT, VIEWER), allow(KIM, VIEWER)),
         (deny([EVERYBODY], spared=(robot("t@lab.iam.gserviceaccount.com"),)),),
         sure=(ROBOT,)),
    Case("who is in a spared group is not known", DENY, READ,
         (allow(KIM, VIEWER),),
         (deny([EVERYBODY], spared=(group("team@lab.example"),)),), maybe=(KIM,)),
    Case("who is in a denied group is not known", DENY, READ,
         (allow(KIM, VIEWER),), (deny([group("team@lab.example")]),), maybe=(KIM,)),
    Case("the denied group itself is", DENY, READ,
         (allow(TEAM, VIEWER),), (deny([group("team@lab.example")]),)),
    Case("a denied person takes nothing from the rest of a group", DENY, READ,
         (allow(TEAM, VIEWER),), (deny([subject("kim@lab.example")]),), sure=(TEAM,)),
    Case("permissions that it spares stay", DENY, READ,
         (allow(KIM, VIEWER),),
         (deny([EVERYBODY], ["storage.objects.*"], spared_permissions=(READ,)),),
         sure=(KIM,)),
    Case("a group of permissions takes each of them", DENY, READ,
         (allow(KIM, VIEWER),), (deny([EVERYBODY], ["storage.objects.*"]),)),
    Case("a condition on tags makes a denial possible", DENY, READ,
         (allow(KIM, VIEWER),),
         (deny([EVERYBODY], condition="resource.matchTag('1/env', 'prod')"),),
         maybe=(KIM,)),
    # service accounts
    Case("a service account user may act as it, and has no token of it", ACCOUNTS,
         "iam.serviceAccounts.getAccessToken",
         (allow(KIM, "roles/iam.serviceAccountUser"),)),
    Case("a token creator has", ACCOUNTS, "iam.serviceAccounts.getAccessToken",
         (allow(KIM, "roles/iam.serviceAccountTokenCreator"),), sure=(KIM,)),
    Case("a workload identity user has", ACCOUNTS, "iam.serviceAccounts.getAccessToken",
         (allow(KIM, "roles/iam.workloadIdentityUser"),), sure=(KIM,)),
    Case("an identity token creator has none for Google's APIs", ACCOUNTS,
         "iam.serviceAccounts.getAccessToken",
         (allow(KIM, "roles/iam.serviceAccountOpenIdTokenCreator"),)),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_case_of_the_documentation(case):
    assert case.page.startswith("/")
    sure, maybe = held(case.permission, case.bindings, case.denials)

    assert (sure, maybe) == (set(case.sure), set(case.maybe)), DOCS + case.page


def test_there_are_enough_cases():
    assert len(CASES) >= 30


def origin():
    return Origin(None, None, None, None, None)


def test_a_bucket_gives_its_project_by_default_and_a_policy_takes_it():
    """Cloud Storage, IAM, convenience values; google_storage_bucket_iam, provider docs."""
    viewer = allow(KIM, "roles/viewer", PROJECT)
    by_default = default_bindings("lab", BUCKET, (), origin())
    taken = default_bindings("lab", BUCKET, [("policy", VIEWER)], origin())
    role = "roles/storage.legacyObjectReader"
    bound = default_bindings("lab", BUCKET, [("binding", role)], origin())
    added = default_bindings("lab", BUCKET, [("member", role)], origin())

    assert KIM in held(READ, [*by_default, viewer])[0]
    assert held(READ, [*taken, viewer])[0] == set()
    assert KIM not in held(READ, [*bound, viewer])[0]
    assert KIM in held(READ, [*added, viewer])[0]


def test_editors_own_the_objects_of_their_buckets():
    editor = allow(KIM, "roles/editor", PROJECT)
    bindings = [*default_bindings("lab", BUCKET, (), origin()), editor]

    assert KIM in held(READ, bindings)[0]
    assert KIM in held("storage.objects.create", bindings)[0]


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("true", Extent.ALL),
        ("!true", Extent.NONE),
        ("(true)", Extent.ALL),
        ('resource.name != "projects/_/buckets/b"', Extent.ALL),
        ('!(resource.name.startsWith("projects/_/buckets/b/"))', Extent.NONE),
        ('resource.name.startsWith("projects/_/buckets/b/objects/x")', Extent.SOME),
        ('resource.name.endsWith(".txt")', Extent.UNKNOWN),
        ("", Extent.UNKNOWN),
        ("(((", Extent.UNKNOWN),
        ("true ||", Extent.ALL),
        ("true && nonsense", Extent.UNKNOWN),
        ("(" * 5000 + "true" + ")" * 5000, Extent.UNKNOWN),
        ("!" * 9000 + "true", Extent.UNKNOWN),
    ],
)
def test_conditions(text, extent):
    asked = Asked("storage.googleapis.com/Object", OBJECTS, below=True)
    assert read_condition(text, asked).extent is extent


def test_names_of_permissions_in_deny_policies():
    assert permission_of("storage.googleapis.com/objects.get") == READ
    assert permission_of(
        "cloudresourcemanager.googleapis.com/projects.setIamPolicy"
    ) == ("resourcemanager.projects.setIamPolicy")


def test_members():
    pool = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"
    sorts = {
        KIM: "user",
        TEAM: "group",
        "domain:lab.example": "domain",
        ROBOT: "service-account",
        "serviceAccount:lab.svc.id.goog[ns/name]": "pod",
        "serviceAccount:service-1@gcp-sa-aiplatform.iam.gserviceaccount.com": "service",
        "allAuthenticatedUsers": "everyone",
        "projectOwner:lab": "holders",
        pool: "pool",
        "nonsense": "unknown",
    }
    assert {m: principal_of(m).sort for m in sorts} == sorts
    assert means(EVERYBODY, pool) is True


# -- laws -------------------------------------------------------------------------

MEMBERS = st.sampled_from(
    [KIM, LEE, TEAM, ROBOT, "allUsers", "projectViewer:lab", "projectEditor:lab"]
)
ROLES_ST = st.sampled_from(
    [
        VIEWER,
        CREATOR,
        ADMIN,
        "roles/viewer",
        "roles/editor",
        "roles/owner",
        "roles/no.such",
    ]
)
SCOPES_ST = st.sampled_from(
    [ORGANISATION, FOLDER, PROJECT, OTHER, BUCKET, Scope("project", "\0\1var.p\0")]
)
CONDITIONS_ST = st.sampled_from(
    ["", begins("b/"), begins("c/"), begins("b/objects/x"), "request.time < x", "true"]
)
BINDINGS_ST = st.builds(allow, MEMBERS, ROLES_ST, SCOPES_ST, CONDITIONS_ST)
PRINCIPALS_ST = st.lists(
    st.sampled_from(
        [EVERYBODY, subject("kim@lab.example"), group("team@lab.example"), "\0\0"]
    ),
    max_size=2,
)
DENIALS_ST = st.builds(
    deny,
    PRINCIPALS_ST,
    st.sampled_from([(READ,), ("storage.objects.*",), ("\0\0",)]),
    SCOPES_ST,
    spared=PRINCIPALS_ST.map(tuple),
    condition=CONDITIONS_ST,
)
POLICIES = st.lists(BINDINGS_ST, max_size=5), st.lists(DENIALS_ST, max_size=3)


@given(*POLICIES, BINDINGS_ST)
@settings(max_examples=300, deadline=None)
def test_a_binding_more_removes_no_reader(bindings, denials, more):
    sure, maybe = held(READ, bindings, denials)
    sure_then, maybe_then = held(READ, [*bindings, more], denials)

    assert sure <= sure_then
    assert sure | maybe <= sure_then | maybe_then


@given(*POLICIES, DENIALS_ST)
@settings(max_examples=300, deadline=None)
def test_a_denial_more_adds_no_reader(bindings, denials, more):
    sure, maybe = held(READ, bindings, denials)
    sure_then, maybe_then = held(READ, bindings, [*denials, more])

    assert sure_then <= sure
    assert sure_then | maybe_then <= sure | maybe


UNKNOWN_ROLE = Rights(frozenset(), "the role is not known")


@given(*POLICIES, st.data())
@settings(max_examples=300, deadline=None)
def test_what_becomes_unknown_widens(bindings, denials, data):
    """A role, condition or place that is no longer known loses no possible reader."""
    if not bindings:
        return
    number = data.draw(st.integers(0, len(bindings) - 1))
    before = bindings[number]
    vague = data.draw(
        st.sampled_from(
            [
                before._replace(rights=UNKNOWN_ROLE),
                before._replace(condition="somebody.knows()"),
                before._replace(scope=Scope("folder", "\0\0")),
                before._replace(doubt="whether it exists is not known"),
            ]
        )
    )
    changed = [*bindings[:number], vague, *bindings[number + 1 :]]
    sure, maybe = held(READ, bindings, denials)
    sure_then, maybe_then = held(READ, changed, denials)

    assert sure | maybe <= sure_then | maybe_then
    assert sure_then <= sure


@given(*POLICIES, st.data())
@settings(max_examples=200, deadline=None)
def test_a_denial_that_becomes_unknown_widens(bindings, denials, data):
    if not denials:
        return
    number = data.draw(st.integers(0, len(denials) - 1))
    vague = data.draw(
        st.sampled_from(
            [
                denials[number]._replace(condition="somebody.knows()"),
                denials[number]._replace(doubt="not known"),
                denials[number]._replace(spared=("\0\0",)),
            ]
        )
    )
    changed = [*denials[:number], vague, *denials[number + 1 :]]
    sure, maybe = held(READ, bindings, denials)
    sure_then, maybe_then = held(READ, bindings, changed)

    assert sure | maybe <= sure_then | maybe_then
