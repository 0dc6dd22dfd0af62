"""Edges from Google Cloud IAM resources: who reads weights, who becomes whom."""

from __future__ import annotations

from textwrap import dedent
from zlib import crc32

from mlsec_lint import scan

BUCKET = """
resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true
  labels                      = { mlsec-holds = "weights" }
}
"""
TRAINER = """
resource "google_service_account" "trainer" {
  project    = "lab-ml"
  account_id = "trainer"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}
"""
STORE = "google_storage_bucket.weights"
ACCOUNT = "google_service_account.trainer"


def surveyed(folder, *texts, **more):
    (folder / "main.tf").write_text(dedent("\n".join(texts)), encoding="utf-8")
    for name, text in more.items():
        (folder / name.replace("_yaml", ".yaml")).write_text(dedent(text))
    return scan.survey(scan.read(str(folder)))


def edges(estate, verb, target):
    """Sources of edges of a verb to a thing: address -> certain (the surest of several)."""
    found = {}
    for edge in estate.edges():
        if edge.verb == verb and edge.target.address == target:
            address = edge.source.address
            found[address] = found.get(address, False) or edge.certain
    return found


def readers(estate, store=STORE):
    return edges(estate, "may read", store)


def member(role, who, more="", stem="google_storage_bucket_iam_member"):
    where = "bucket = google_storage_bucket.weights.name"
    if stem.startswith("google_project"):
        where = 'project = "lab-ml"'
    return f"""
    resource "{stem}" "m{crc32((role + who + more + stem).encode())}" {{
      {where}
      role = "{role}"
      member = "{who}"
      {more}
    }}
    """


def test_the_span_of_a_right_is_the_line_of_its_role(tmp_path):
    estate = surveyed(tmp_path, BUCKET, TRAINER)
    edge = next(e for e in estate.edges() if e.verb == "may read")

    assert edge.span.text == 'role   = "roles/storage.objectUser"'
    assert edge.certain
    assert "roles/storage.objectUser" in edge.words
    assert edges(estate, "may write", STORE) == {ACCOUNT: True}
    assert edges(estate, "may open", STORE) == {}


def test_every_sort_of_member(tmp_path):
    estate = surveyed(
        tmp_path,
        BUCKET,
        *(
            member("roles/storage.objectViewer", who)
            for who in (
                "user:kim@lab.example",
                "group:team@lab.example",
                "domain:lab.example",
                "allUsers",
                "serviceAccount:x@other.iam.gserviceaccount.com",
                "serviceAccount:service-1@gcp-sa-aiplatform.iam.gserviceaccount.com",
                "deleted:user:gone@lab.example?uid=1",
            )
        ),
    )

    assert readers(estate) == {
        "user:kim@lab.example": True,
        "group:team@lab.example": True,
        "domain:lab.example": True,
        "everyone": True,
        "x@other.iam.gserviceaccount.com": True,
        "service:gcp-sa-aiplatform": True,
    }
    other = estate.find("identity", "x@other.iam.gserviceaccount.com")
    assert other.fact("account").value == "other"
    assert other.fact("sort").value == "service-account"
    assert estate.find("identity", "user:kim@lab.example").fact("person").value is True


def test_public_access_prevention_keeps_everyone_out(tmp_path):
    closed = BUCKET.replace(
        "labels ", 'public_access_prevention = "enforced"\n  labels '
    )
    grant = member("roles/storage.objectViewer", "allUsers")
    assert readers(surveyed(tmp_path, closed, grant)) == {}

    (tmp_path / "b").mkdir()
    policy = """
    resource "google_org_policy_policy" "pap" {
      name   = "projects/lab-ml/policies/storage.publicAccessPrevention"
      parent = "projects/lab-ml"
      spec {
        rules {
          enforce = "TRUE"
        }
      }
    }
    """
    assert readers(surveyed(tmp_path / "b", BUCKET, grant, policy)) == {}


def test_domain_restriction_makes_everyone_doubtful(tmp_path):
    policy = """
    resource "google_project_organization_policy" "domains" {
      project    = "lab-ml"
      constraint = "constraints/iam.allowedPolicyMemberDomains"
      list_policy {
        allow {
          values = ["C0lab"]
        }
      }
    }
    """
    grant = member("roles/storage.objectViewer", "allUsers")
    assert readers(surveyed(tmp_path, BUCKET, grant, policy)) == {"everyone": False}


def test_holders_of_basic_roles_read_unless_a_policy_replaces_the_defaults(tmp_path):
    editor = member(
        "roles/editor", "user:kim@lab.example", stem="google_project_iam_member"
    )
    assert readers(surveyed(tmp_path, BUCKET, editor)) == {"user:kim@lab.example": True}

    (tmp_path / "b").mkdir()
    policy = """
    data "google_iam_policy" "weights" {
      binding {
        role    = "roles/storage.objectViewer"
        members = ["group:team@lab.example"]
      }
    }

    resource "google_storage_bucket_iam_policy" "weights" {
      bucket      = google_storage_bucket.weights.name
      policy_data = data.google_iam_policy.weights.policy_data
    }
    """
    estate = surveyed(tmp_path / "b", BUCKET, editor, policy)
    assert readers(estate) == {"group:team@lab.example": True}


def test_custom_roles_by_their_permissions(tmp_path):
    role = """
    resource "google_project_iam_custom_role" "reader" {
      project     = "lab-ml"
      role_id     = "reader"
      title       = "reader"
      permissions = ["storage.objects.get"]
    }

    resource "google_storage_bucket_iam_member" "custom" {
      bucket = google_storage_bucket.weights.name
      role   = google_project_iam_custom_role.reader.id
      member = "user:kim@lab.example"
    }

    resource "google_storage_bucket_iam_member" "elsewhere" {
      bucket = google_storage_bucket.weights.name
      role   = "projects/other/roles/mystery"
      member = "user:lee@lab.example"
    }
    """
    estate = surveyed(tmp_path, BUCKET, role)
    assert readers(estate) == {
        "user:kim@lab.example": True,
        "user:lee@lab.example": False,
    }
    assert edges(estate, "may write", STORE) == {"user:lee@lab.example": False}


def test_deny_policies_of_terraform(tmp_path):
    deny = """
    resource "google_iam_deny_policy" "weights" {
      parent = urlencode("cloudresourcemanager.googleapis.com/projects/lab-ml")
      name   = "weights"
      rules {
        deny_rule {
          denied_principals    = ["principalSet://goog/public:all"]
          denied_permissions   = ["storage.googleapis.com/objects.get"]
          exception_principals = ["principal://goog/subject/kim@lab.example"]
        }
      }
    }
    """
    viewers = [
        member("roles/storage.objectViewer", f"user:{name}@lab.example")
        for name in ("kim", "lee")
    ]
    estate = surveyed(tmp_path, BUCKET, *viewers, deny)
    assert readers(estate) == {"user:kim@lab.example": True}


def test_unknown_members_and_policies_are_possible_readers(tmp_path):
    unknown = """
    variable "who" {}
    variable "policy" {}

    resource "google_storage_bucket_iam_member" "somebody" {
      bucket = google_storage_bucket.weights.name
      role   = "roles/storage.objectViewer"
      member = var.who
    }

    resource "google_storage_bucket_iam_policy" "something" {
      bucket      = google_storage_bucket.weights.name
      policy_data = var.policy
    }
    """
    found = readers(surveyed(tmp_path, BUCKET, unknown))
    assert len(found) == 2
    assert set(found.values()) == {False}


def test_who_acts_as_an_account(tmp_path):
    chain = """
    resource "google_service_account" "deployer" {
      project    = "lab-ml"
      account_id = "deployer"
    }

    resource "google_service_account_iam_member" "impersonates" {
      service_account_id = google_service_account.trainer.name
      role               = "roles/iam.serviceAccountTokenCreator"
      member             = google_service_account.deployer.member
    }

    resource "google_project_iam_member" "all_accounts" {
      project = "lab-ml"
      role    = "roles/iam.serviceAccountTokenCreator"
      member  = "group:oncall@lab.example"
    }

    resource "google_service_account_iam_binding" "acts" {
      service_account_id = google_service_account.trainer.name
      role               = "roles/iam.serviceAccountUser"
      members            = ["user:kim@lab.example"]
    }
    """
    estate = surveyed(tmp_path, BUCKET, TRAINER, chain)
    oncall, deployer = "group:oncall@lab.example", "google_service_account.deployer"
    assert edges(estate, "becomes", ACCOUNT) == {deployer: True, oncall: True}
    assert edges(estate, "becomes", deployer) == {oncall: True}
    assert edges(estate, "may launch as", ACCOUNT) == {"user:kim@lab.example": False}


def test_the_same_service_account_in_every_cluster_of_a_pool(tmp_path):
    def cluster(name, project):
        return f"""
        resource "google_container_cluster" "{name}" {{
          project  = "{project}"
          name     = "{name}"
          location = "europe-west4"
        }}
        provider "kubernetes" {{
          alias = "{name}"
          host  = "https://${{google_container_cluster.{name}.endpoint}}"
        }}
        resource "kubernetes_service_account_v1" "{name}" {{
          provider = kubernetes.{name}
          metadata {{
            name      = "trainer"
            namespace = "train"
          }}
        }}
        """

    binding = """
    resource "google_service_account_iam_member" "wi" {
      service_account_id = google_service_account.trainer.name
      role               = "roles/iam.workloadIdentityUser"
      member             = "serviceAccount:lab-ml.svc.id.goog[train/trainer]"
    }
    """
    estate = surveyed(
        tmp_path,
        BUCKET,
        TRAINER,
        binding,
        cluster("prod", "lab-ml"),
        cluster("dev", "lab-ml"),
        cluster("web", "lab-web"),
    )
    assert edges(estate, "becomes", ACCOUNT) == {
        "kubernetes_service_account_v1.prod": True,
        "kubernetes_service_account_v1.dev": True,
    }
    scope = estate.find("identity", ACCOUNT).fact("trust.workload.scope")
    assert scope.value == "pool"


def test_a_ci_system_behind_a_pool(tmp_path):
    pool = """
    resource "google_iam_workload_identity_pool_provider" "gitlab" {
      project                            = "lab-ml"
      workload_identity_pool_id          = "ci"
      workload_identity_pool_provider_id = "gitlab"
      attribute_condition                = "assertion.project_path == 'lab/models'"
      oidc {
        issuer_uri = "https://gitlab.com"
      }
    }

    resource "google_service_account_iam_member" "ci" {
      service_account_id = google_service_account.trainer.name
      role               = "roles/iam.workloadIdentityUser"
      member             = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"
    }
    """
    estate = surveyed(tmp_path, BUCKET, TRAINER, pool)
    assert edges(estate, "becomes", ACCOUNT) == {"ci:gitlab.com": True}
    trainer = estate.find("identity", ACCOUNT)
    assert trainer.fact("trust.ci.scope").value == "repository"
    assert estate.find("identity", "ci:gitlab.com").fact("issuer").value == "gitlab.com"


def test_roots_are_joined_by_known_projects_only(tmp_path):
    for name, project in (
        ("a", "var.project"),
        ("b", "var.project"),
        ("c", '"lab-ml"'),
    ):
        (tmp_path / name).mkdir()
        text = f"""
        variable "project" {{}}
        resource "google_project_iam_member" "{name}" {{
          project = {project}
          role    = "roles/storage.objectViewer"
          member  = "user:{name}@lab.example"
        }}
        """
        if name == "a":
            text += BUCKET.replace('"lab-ml"', "var.project")
        (tmp_path / name / "main.tf").write_text(dedent(text))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "main.tf").write_text(BUCKET)
    estate = scan.survey(scan.read(str(tmp_path)))

    assert readers(estate, f"a:{STORE}") == {"user:a@lab.example": True}
    assert readers(estate, f"d:{STORE}") == {"user:c@lab.example": True}


def test_many_grants_stay_cheap(tmp_path):
    grants = "".join(
        f"""
        resource "google_project_iam_member" "g{n}" {{
          project = "project-{n}"
          role    = "roles/storage.objectViewer"
          member  = "user:u{n}@lab.example"
        }}
        """
        for n in range(1000)
    )
    buckets = "".join(
        BUCKET.replace('"weights" {', f'"w{n}" {{')
        .replace("lab-weights", f"lab-{n}")
        .replace('"lab-ml"', f'"project-{n}"')
        for n in range(300)
    )
    estate = surveyed(tmp_path, grants, buckets)

    assert sum(e.verb == "may read" for e in estate.edges()) == 300


def test_access_lists_count_without_uniform_access(tmp_path):
    lists = """
    resource "google_storage_default_object_acl" "weights" {
      bucket      = google_storage_bucket.weights.name
      role_entity = ["READER:user-kim@lab.example", "OWNER:group-team@lab.example"]
    }

    resource "google_storage_bucket_access_control" "weights" {
      bucket = google_storage_bucket.weights.name
      entity = "user-robot@lab-ml.iam.gserviceaccount.com"
      role   = "WRITER"
    }
    """
    fine = BUCKET.replace("access = true", "access = false")
    estate = surveyed(tmp_path, fine, lists)
    kim, team = "user:kim@lab.example", "group:team@lab.example"
    assert readers(estate) == {kim: True, team: True}
    robot = "robot@lab-ml.iam.gserviceaccount.com"
    assert edges(estate, "may write", STORE) == {robot: True}

    (tmp_path / "b").mkdir()
    assert readers(surveyed(tmp_path / "b", BUCKET, lists)) == {}


def test_the_default_account_may_read_where_something_acts_as_it(tmp_path):
    pool = """
    resource "google_container_cluster" "c" {
      project            = "lab-ml"
      name               = "c"
      location           = "europe-west4"
      initial_node_count = 1
    }
    """
    account = "projects/lab-ml/default-compute@developer.gserviceaccount.com"
    assert readers(surveyed(tmp_path, BUCKET, pool)) == {account: False}

    (tmp_path / "b").mkdir()
    granted = """
    data "google_project" "ml" {
      project_id = "lab-ml"
    }

    resource "google_storage_bucket_iam_member" "default" {
      bucket = google_storage_bucket.weights.name
      role   = "roles/storage.objectViewer"
      member = "serviceAccount:${data.google_project.ml.number}-compute@developer.gserviceaccount.com"
    }
    """
    assert readers(surveyed(tmp_path / "b", BUCKET, pool, granted)) == {account: True}


def test_members_of_declared_groups_count_as_them(tmp_path):
    group = """
    resource "google_cloud_identity_group" "team" {
      parent = "customers/C0lab"
      labels = {}
      group_key {
        id = "team@lab.example"
      }
    }

    resource "google_cloud_identity_group_membership" "kim" {
      group = google_cloud_identity_group.team.id
      preferred_member_key {
        id = "kim@lab.example"
      }
    }
    """
    grant = member("roles/storage.objectViewer", "group:team@lab.example")
    estate = surveyed(tmp_path, BUCKET, grant, group)
    assert edges(estate, "counts as", "group:team@lab.example") == {
        "user:kim@lab.example": True
    }


def test_machines_act_as_their_accounts(tmp_path):
    machine = """
    resource "google_compute_instance" "box" {
      project      = "lab-ml"
      name         = "box"
      zone         = "europe-west4-a"
      machine_type = "a3-highgpu-8g"
      service_account {
        email  = google_service_account.trainer.email
        scopes = ["cloud-platform"]
      }
    }
    """
    estate = surveyed(tmp_path, BUCKET, TRAINER, machine)
    assert edges(estate, "runs as", ACCOUNT) == {"google_compute_instance.box": True}


def test_a_right_that_ends_is_possible_and_not_standing(tmp_path):
    temporary = member(
        "roles/storage.objectViewer",
        "user:kim@lab.example",
        """condition {
          title      = "until the end of the year"
          expression = "request.time < timestamp(\\"2026-12-31T00:00:00Z\\")"
        }""",
    )
    estate = surveyed(tmp_path, BUCKET, temporary)
    assert readers(estate) == {"user:kim@lab.example": False}
    kim = estate.find("identity", "user:kim@lab.example")
    assert kim.fact("standing").value is False


def test_a_condition_that_is_known_in_part_narrows_a_pool(tmp_path):
    pool = """
    variable "repository" {}

    resource "google_iam_workload_identity_pool_provider" "github" {
      workload_identity_pool_id          = "ci"
      workload_identity_pool_provider_id = "github"
      attribute_condition                = "assertion.repository == '${var.repository}'"
      oidc {
        issuer_uri = "https://token.actions.githubusercontent.com"
      }
    }
    """
    who = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"
    estate = surveyed(tmp_path, BUCKET, pool, member("roles/storage.objectViewer", who))
    direct = estate.find("identity", who)
    assert direct.fact("trust.ci.scope").value == "repository"
    assert direct.fact("trust.bound").value is True
    ci = "ci:token.actions.githubusercontent.com"
    assert edges(estate, "becomes", who) == {ci: True}
