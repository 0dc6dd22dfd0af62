"""Whose identities on Google Cloud are: the lab's, Google's own, or a partner's."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint import scan
from mlsec_lint.lower.gcp.grants.principals import principal_of
from mlsec_lint.value import Unknown

BUCKET = """
provider "google" {
  project = %s
}

variable "project" {}

resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  location = "EUROPE-WEST4"
  labels   = { mlsec-holds = "weights" }
}
"""


def estate_of(folder, member, more="", project='"lab-ml"'):
    grant = f"""
    resource "google_storage_bucket_iam_member" "one" {{
      bucket = google_storage_bucket.weights.name
      role   = "roles/storage.objectViewer"
      member = "{member}"
    }}
    """
    text = BUCKET % project + dedent(grant) + dedent(more)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return scan.survey(scan.read(str(folder)))


def ends(estate):
    return {(p.end, p.unknown is None) for p in estate.paths if p.by == "grant"}


PARTNER = "serviceAccount:reader@partner-x.iam.gserviceaccount.com"


def test_an_account_of_another_project(tmp_path):
    estate = estate_of(tmp_path, PARTNER)
    assert ends(estate) == {("account:partner-x", True)}
    [path] = [p for p in estate.paths if p.by == "grant"]
    assert path.hops[-1].span.resolved().text.strip().startswith("role")


@pytest.mark.parametrize(
    "name",
    [
        "serviceAccount:job@lab-ml.iam.gserviceaccount.com",
        "serviceAccount:lab-ml@appspot.gserviceaccount.com",
        "serviceAccount:service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com",
        "serviceAccount:service-123456789012@dataproc-accounts.iam.gserviceaccount.com",
        "serviceAccount:service-org-123456789012@security-center-api.iam.gserviceaccount.com",
        "serviceAccount:123456789012@cloudservices.gserviceaccount.com",
        "serviceAccount:123456789012-compute@developer.gserviceaccount.com",
        "serviceAccount:${google_service_account.own.email}",
        "projectViewer:lab-ml",
    ],
)
def test_no_partner(tmp_path, name):
    own = """
    resource "google_service_account" "own" {
      account_id = "own"
    }
    """
    assert not {end for end, _ in ends(estate_of(tmp_path, name, own))} - {"person"}


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("serviceAccount:partner-x@appspot.gserviceaccount.com", "partner-x"),
        (
            "serviceAccount:a@ml.partner.example.iam.gserviceaccount.com",
            "partner.example:ml",
        ),
        ("projectEditor:partner-x", "partner-x"),
        ("serviceAccount:service-1@partner-x.iam.gserviceaccount.com", "partner-x"),
    ],
)
def test_other_projects_by_other_names(tmp_path, name, project):
    assert (f"account:{project}", True) in ends(estate_of(tmp_path, name))


def test_a_project_that_may_be_the_labs(tmp_path):
    estate = estate_of(tmp_path, PARTNER, project="var.project")
    assert ends(estate) == {("account:partner-x", False)}


@pytest.mark.parametrize(
    "more",
    [
        'resource "google_project" "x" {\n  project_id = "partner-x"\n  name = "x"\n}',
        (
            'resource "google_project_iam_member" "x" {\n  project = "partner-x"\n'
            '  role = "roles/viewer"\n  member = "user:kim@lab.example"\n}'
        ),
        (
            'provider "google" {\n  alias = "x"\n  project = "lab-ml"\n'
            '  impersonate_service_account = "ci@partner-x.iam.gserviceaccount.com"\n}\n'
            'data "google_project" "y" {\n  provider = google.x\n}'
        ),
    ],
)
def test_what_the_scan_has_to_say_in_is_the_labs(tmp_path, more):
    assert ends(estate_of(tmp_path, PARTNER, more)) == set()


def test_a_cluster_of_the_scan_acts_as_it(tmp_path):
    manifest = """
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: reader
      namespace: train
      annotations:
        iam.gke.io/gcp-service-account: reader@partner-x.iam.gserviceaccount.com
    """
    (tmp_path / "account.yaml").write_text(dedent(manifest), encoding="utf-8")
    assert ends(estate_of(tmp_path, PARTNER)) == set()


ORGANISATION = """
data "google_organization" "lab" {
  domain = "lab.example"
}
"""


@pytest.mark.parametrize(
    ("name", "more", "end"),
    [
        ("group:all@partner.example", ORGANISATION, "account:partner.example"),
        ("domain:partner.example", ORGANISATION, "account:partner.example"),
        ("user:kim@partner.example", ORGANISATION, "account:partner.example"),
        ("group:all@lab.example", ORGANISATION, "person"),
        ("user:kim@gmail.com", ORGANISATION, "person"),
        ("group:all@partner.example", "", "person"),
    ],
)
def test_people_of_another_domain(tmp_path, name, more, end):
    assert ends(estate_of(tmp_path, name, more)) == {(end, True)}


def test_who_becomes_a_reader(tmp_path):
    more = """
    resource "google_service_account" "own" {
      account_id = "own"
    }

    resource "google_service_account_iam_member" "vendor" {
      service_account_id = google_service_account.own.name
      role               = "roles/iam.serviceAccountTokenCreator"
      member             = "serviceAccount:x@vendor-y.iam.gserviceaccount.com"
    }
    """
    estate = estate_of(
        tmp_path, "serviceAccount:${google_service_account.own.email}", more
    )
    assert ends(estate) == {("account:vendor-y", True)}
    own = estate.find("identity", "google_service_account.own")
    assert [f.value for f in own.all_facts("trust.accounts")] == [("vendor-y",)]


def test_the_facts_of_a_partner(tmp_path):
    estate = estate_of(tmp_path, PARTNER)
    partner = estate.find("identity", "reader@partner-x.iam.gserviceaccount.com")
    assert partner.fact("foreign").value is True
    assert partner.fact("outside.account").value == "partner-x"
    perhaps = estate_of(tmp_path, PARTNER, project="var.project")
    partner = perhaps.find("identity", "reader@partner-x.iam.gserviceaccount.com")
    assert isinstance(partner.fact("foreign").value, Unknown)


def registry(folder, *members):
    text = """
    provider "google" {
      project = "lab-ml"
    }

    data "google_project" "serving" {
      project_id = "lab-serving"
    }

    resource "google_artifact_registry_repository" "r" {
      repository_id = "serving"
      location      = "europe-west4"
      format        = "DOCKER"
      labels        = { mlsec-holds = "weights" }
    }

    resource "google_artifact_registry_repository_iam_binding" "b" {
      repository = google_artifact_registry_repository.r.name
      location   = "europe-west4"
      role       = "roles/artifactregistry.reader"
      members    = [%s]
    }
    """
    listed = ", ".join(f'"{member}"' for member in members)
    (folder / "main.tf").write_text(dedent(text) % listed, encoding="utf-8")
    estate = scan.survey(scan.read(str(folder)))
    return {(p.end, p.by) for p in estate.paths}


def test_a_registry_that_a_partner_pulls_from_is_told_once(tmp_path):
    assert registry(tmp_path, PARTNER) == {("account:partner-x", "image")}


def test_a_registry_that_only_the_lab_and_google_pull_from(tmp_path):
    agents = (
        "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com",
        "serviceAccount:server@lab-serving.iam.gserviceaccount.com",
    )
    assert registry(tmp_path, *agents) == set()


def test_a_registry_for_everyone(tmp_path):
    assert registry(tmp_path, "allAuthenticatedUsers") == {("internet", "public")}


def test_agents_are_told_from_accounts_that_look_like_them():
    agent = principal_of("serviceAccount:service-123456789@x.iam.gserviceaccount.com")
    assert agent.sort == "service"
    other = principal_of("serviceAccount:service-reader@x.iam.gserviceaccount.com")
    assert (other.sort, other.project) == ("service-account", "x")
