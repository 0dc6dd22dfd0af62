"""Copies that another root or another cloud makes: backups by tag, transfer jobs."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: out, namespace: train}
spec:
  storageClassName: kept
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Ti}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: kept}
provisioner: PROVISIONER
parameters: {TAGS}
"""
PLAN = """
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name         = "r"
    target_vault_name = "v"
    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-west-1:944455556666:backup-vault:x"
    }
  }
}

resource "aws_backup_selection" "s" {
  name    = "s"
  plan_id = aws_backup_plan.p.id
  SELECTION
}
"""
BY_TAG = 'selection_tag {\n type = "STRINGEQUALS"\n key = "keep"\n value = "long"\n }'
EVERYTHING = 'resources = ["*"]'


def accounts(tmp_path, tags, selection=BY_TAG, provisioner="ebs.csi.aws.com"):
    """Accounts that the claim is copied to, "?" before one that is only possible."""
    claim = CLAIM.replace("TAGS", tags).replace("PROVISIONER", provisioner)
    (tmp_path / "claim.yaml").write_text(claim)
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "main.tf").write_text(PLAN.replace("SELECTION", selection))
    estate = survey(read(str(tmp_path)))
    (store,) = [s for s in estate.of("store") if "PersistentVolumeClaim" in s.address]
    found = []
    for edge in estate.edges_from(store, "is copied by"):
        account = edge.target.fact("account")
        region = edge.target.fact("place.region").value
        if account is not None:
            found.append(("" if isinstance(region, str) else "?") + account.value)
    return found


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("tagSpecification_1: keep=long", ["944455556666"]),
        ("type: gp3, tagSpecification_12: keep=long", ["944455556666"]),
        ("tagSpecification_1: keep=short", []),
        ("tagSpecification_1: kept=long", []),
        ("type: gp3", []),
        ('tagSpecification_1: "keep={{ .PVCName }}"', ["?944455556666"]),
        ('tagSpecification_1: "{{ .PVCName }}=long"', ["?944455556666"]),
    ],
)
def test_a_disk_of_a_claim_is_backed_up_by_the_tags_of_its_class(
    tmp_path, tags, expected
):
    assert accounts(tmp_path, tags) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (EVERYTHING, ["944455556666"]),
        ('resources = ["arn:aws:dynamodb:*:*:table/*"]', []),
        (
            (
                'selection_tag {\n type = "STRINGEQUALS"\n'
                ' key = "kubernetes.io/created-for/pvc/namespace"\n value = "train"\n }'
            ),
            ["944455556666"],
        ),
    ],
)
def test_selections_see_what_the_driver_says_by_itself(tmp_path, selection, expected):
    assert accounts(tmp_path, "type: gp3", selection) == expected


def test_a_class_of_another_driver_makes_no_disk_of_amazon(tmp_path):
    tags, driver = "tagSpecification_1: keep=long", "pd.csi.storage.gke.io"
    assert accounts(tmp_path, tags, provisioner=driver) == []


SOURCES = {
    "s3": (
        'resource "aws_s3_bucket" "b" {\n bucket = "weights-a"\n}',
        'aws_s3_data_source {\n bucket_name = "weights-a"\n }',
    ),
    "gs": (
        (
            'resource "google_storage_bucket" "b" {\n name = "weights-a"\n'
            ' location = "EU"\n}'
        ),
        'gcs_data_source {\n bucket_name = "weights-a"\n }',
    ),
    "azure": (
        (
            'resource "azurerm_storage_account" "b" {\n name = "weightsa"\n'
            ' resource_group_name = "r"\n location = "westeurope"\n'
            ' account_tier = "Standard"\n account_replication_type = "LRS"\n}'
        ),
        (
            'azure_blob_storage_data_source {\n storage_account = "weightsa"\n'
            ' container = "runs"\n }'
        ),
    ),
}


@pytest.mark.parametrize("cloud", sorted(SOURCES))
@pytest.mark.parametrize("disabled", [False, True])
def test_a_transfer_job_copies_stores_of_any_cloud(tmp_path, cloud, disabled):
    declared, source = SOURCES[cloud]
    status = 'status = "DISABLED"' if disabled else ""
    job = (
        'resource "google_storage_transfer_job" "t" {\n description = "t"\n'
        f" {status}\n transfer_spec {{\n {source}\n"
        ' gcs_data_sink {\n bucket_name = "partner-drop"\n }\n }\n}'
    )
    (tmp_path / "main.tf").write_text(f"{declared}\n{job}\n")
    estate = survey(read(str(tmp_path)))
    copies = list(estate.of("copy"))
    assert len(copies) == (0 if disabled else 1)
    for copy in copies:
        assert copy.fact("target.uri").value == "gs://partner-drop"
        (target,) = [e.target for e in estate.edges_from(copy, "copies to")]
        assert target.fact("declared").value is False
