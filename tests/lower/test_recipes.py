"""Roots that build the same things and share no state are alternatives, not joined."""

from __future__ import annotations

import textwrap

import pytest
from cluster_estates import edges, estate_of

ROOT = """
provider "google" {
  project = "acme-lab"
}
resource "google_storage_bucket" "store" {
  name     = "acme-%(name)s-weights"
  location = "US"
  labels   = { "mlsec-holds" = "weights" }
}
resource "google_service_account" "nodes" {
  account_id = "%(name)s-nodes"
}
resource "google_project_iam_member" "nodes" {
  project = "acme-lab"
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.nodes.email}"
}
"""
BACKEND = """
terraform {
  backend "gcs" {
    bucket = "acme-state"
    prefix = "%(name)s"
  }
}
"""
#: Shares one address with a root above.
OTHER = """
provider "google" {
  project = "acme-lab"
}
resource "google_service_account" "nodes" {
  account_id = "other-nodes"
}
resource "google_project_iam_member" "viewer" {
  project = "acme-lab"
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.nodes.email}"
}
"""
ACROSS = ("two:google_service_account.nodes", "one:google_storage_bucket.store", True)
WITHIN = ("one:google_service_account.nodes", "one:google_storage_bucket.store", True)
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: sft}
spec:
  template:
    spec:
      containers:
        - name: t
          image: x
          args: [--output_dir, gs://acme-one-weights/sft]
          resources: {limits: {nvidia.com/gpu: 8}}
"""


def root(text, name):
    return textwrap.dedent(text).replace("%(name)s", name)


@pytest.mark.parametrize(
    ("other", "joined"),
    [
        (ROOT, False),  # a recipe like the first
        (ROOT + BACKEND, True),  # its state is kept where others find it
        (OTHER, True),  # another sort of root of the same project
        (ROOT.replace("acme-lab", "acme-dev"), False),
    ],
)
def test_who_reads_a_bucket_by_the_project_of_both(tmp_path, other, joined):
    files = {
        "one/main.tf": root(ROOT, "one"),
        "two/main.tf": root(other, "two"),
        "job.yaml": JOB,
    }
    estate = estate_of(tmp_path, files)
    found = edges(estate, "may read")
    assert WITHIN in found
    assert (ACROSS in found) is joined
    told = [n.text for n in estate.notes if n.kind == "roots-not-joined"]
    assert bool(told) is (other is ROOT)
    assert all("one and two build the same things" in text for text in told)


def test_a_grant_on_the_bucket_itself_joins_all_the_same(tmp_path):
    grant = """
    resource "google_storage_bucket_iam_member" "own" {
      bucket = "acme-one-weights"
      role   = "roles/storage.objectViewer"
      member = "serviceAccount:${google_service_account.nodes.email}"
    }
    """
    files = {
        "one/main.tf": root(ROOT, "one"),
        "two/main.tf": root(ROOT, "two") + textwrap.dedent(grant),
        "job.yaml": JOB,
    }
    assert ACROSS in edges(estate_of(tmp_path, files), "may read")
