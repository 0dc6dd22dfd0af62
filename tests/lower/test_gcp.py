"""Cloud Storage buckets, Cloud KMS keys, disks and registries."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told, why

BUCKET = """
variable "x" {}
resource "google_storage_bucket" "w" {
  name     = "corp-w"
  location = "EUROPE-WEST4"
  %s
}
"""
ADDRESS = "google_storage_bucket.w"


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", "public.blocked", [False]),
        ('public_access_prevention = "enforced"', "public.blocked", [True]),
        ('public_access_prevention = "inherited"', "public.blocked", [False]),
        ("public_access_prevention = var.x", "public.blocked", ["unknown"]),
        ("", "auth.identity_only", [False]),
        ("uniform_bucket_level_access = true", "auth.identity_only", [True]),
        ("bucket_policy_only = true", "auth.identity_only", [True]),
        ("uniform_bucket_level_access = var.x", "auth.identity_only", ["unknown"]),
        ("", "encryption.key.managed_by", ["provider"]),
        ("", "versioning.enabled", [False]),
        ("versioning {\n enabled = true\n }", "versioning.enabled", [True]),
        ("", "retention.locked", [False]),
        ("retention_policy {\n retention_period = 9\n }", "retention.locked", [False]),
        (
            "retention_policy {\n is_locked = true\n retention_period = 9\n }",
            "retention.locked",
            [True],
        ),
        ('website {\n main_page_suffix = "i"\n }', "front.public", [True]),
        ("", "place.countries", [("NL",)]),
    ],
)
def test_facts_of_a_bucket(tmp_path, more, fact, expected):
    assert told(estate_of(tmp_path, BUCKET % more), ADDRESS, fact) == expected


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (
            (
                'resource "google_storage_bucket_iam_member" "g" {\n'
                '  bucket = google_storage_bucket.w.name\n  role = "r"\n'
                '  member = "allUsers"\n}'
            ),
            [True],
        ),
        (
            (
                'resource "google_storage_bucket_iam_binding" "g" {\n'
                '  bucket = "corp-w"\n  role = "r"\n'
                '  members = ["user:a@b.example", "allAuthenticatedUsers"]\n}'
            ),
            [True],
        ),
        (
            (
                'resource "google_storage_bucket_iam_member" "g" {\n'
                '  bucket = google_storage_bucket.w.name\n  role = "r"\n'
                "  member = var.x\n}"
            ),
            ["unknown"],
        ),
        (
            (
                'resource "google_storage_bucket_iam_member" "g" {\n'
                '  bucket = google_storage_bucket.w.name\n  role = "r"\n'
                '  member = "serviceAccount:${var.x}"\n}'
            ),
            [False],
        ),
        (
            (
                'resource "google_storage_bucket_iam_member" "g" {\n'
                '  bucket = "another"\n  role = "r"\n  member = "allUsers"\n}'
            ),
            [False],
        ),
        (
            (
                'data "google_iam_policy" "p" {\n  binding {\n    role = "r"\n'
                '    members = ["allUsers"]\n  }\n}\n'
                'resource "google_storage_bucket_iam_policy" "g" {\n'
                "  bucket = google_storage_bucket.w.name\n"
                "  policy_data = data.google_iam_policy.p.policy_data\n}"
            ),
            [True],
        ),
    ],
)
def test_grants_to_everyone(tmp_path, grant, expected):
    estate = estate_of(tmp_path, BUCKET % "" + grant)

    assert told(estate, ADDRESS, "public.principal") == expected


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        (
            (
                'resource "google_storage_bucket_acl" "a" {\n'
                '  bucket = google_storage_bucket.w.name\n  predefined_acl = "publicRead"\n}'
            ),
            [True],
        ),
        (
            (
                'resource "google_storage_default_object_acl" "a" {\n'
                "  bucket = google_storage_bucket.w.name\n"
                '  role_entity = ["OWNER:user-a@b.example", "READER:allUsers"]\n}'
            ),
            [True],
        ),
        (
            (
                'resource "google_storage_bucket_access_control" "a" {\n'
                "  bucket = google_storage_bucket.w.name\n"
                '  entity = "allAuthenticatedUsers"\n}'
            ),
            [True],
        ),
        (
            (
                'resource "google_storage_bucket_acl" "a" {\n'
                '  bucket = google_storage_bucket.w.name\n  predefined_acl = "private"\n}'
            ),
            [False],
        ),
    ],
)
def test_access_lists(tmp_path, acl, expected):
    assert (
        told(estate_of(tmp_path, BUCKET % "" + acl), ADDRESS, "public.acl") == expected
    )


HMAC = """
resource "google_service_account" "t" {
  account_id = "trainer"
}
resource "google_storage_hmac_key" "k" {
  service_account_email = google_service_account.t.email
}
resource "google_storage_bucket_iam_member" "g" {
  bucket = google_storage_bucket.w.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.%s.email}"
}
resource "google_service_account" "u" {
  account_id = "other"
}
"""


@pytest.mark.parametrize(("who", "expected"), [("t", [False]), ("u", [True])])
def test_an_hmac_key_of_a_reader_opens_the_bucket(tmp_path, who, expected):
    text = BUCKET % "uniform_bucket_level_access = true" + HMAC % who

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "auth.identity_only") == expected


KEYS = """
resource "google_kms_key_ring" "r" {
  name     = "r"
  location = "asia-east2"
  project  = "p"
}
resource "google_kms_crypto_key" "k" {
  name     = "k"
  key_ring = google_kms_key_ring.r.id
  %s
}
resource "google_kms_crypto_key_iam_member" "g" {
  crypto_key_id = google_kms_crypto_key.k.id
  role          = "r"
  member        = "allUsers"
}
"""


@pytest.mark.parametrize(
    ("more", "key", "expected"),
    [
        ("", "google_kms_crypto_key.k.id", "customer"),
        (
            'version_template {\n algorithm = "a"\n protection_level = "HSM"\n }',
            "google_kms_crypto_key.k.id",
            "hsm",
        ),
        ("", '"projects/p/locations/l/keyRings/r/cryptoKeys/k"', "customer"),
        ("", '"${var.x}/cryptoKeys/k"', "customer"),
        ("", "var.x", "unknown"),
        ("", '""', "provider"),
    ],
)
def test_keys(tmp_path, more, key, expected):
    text = BUCKET % f"encryption {{\n default_kms_key_name = {key}\n }}" + KEYS % more

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "encryption.key.managed_by") == [expected]
    address = "google_kms_crypto_key.k"
    assert told(estate, address, "place.countries", "key") == [("HK",)]
    assert told(estate, address, "public.principal", "key") == [True]


@pytest.mark.parametrize(
    ("location", "countries", "replicas"),
    [
        ('"EUR4"', [("FI", "NL")], [("FI", "NL")]),
        ('"EUR5"', ["unknown"], ["unknown"]),
        ('"US"', [("US",)], [("US",)]),
        ('"ASIA"', ["unknown"], ["unknown"]),
        ('"europe-north1"', [("FI",)], [()]),
        ('"nowhere-west9"', ["unknown"], ["unknown"]),
        ("var.x", ["unknown"], ["unknown"]),
    ],
)
def test_multi_regions_count_as_all_their_members(
    tmp_path, location, countries, replicas
):
    text = (BUCKET % "").replace('"EUROPE-WEST4"', location)

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "place.countries") == countries
    assert told(estate, ADDRESS, "replication.countries") == replicas


def test_custom_placement_has_two_places(tmp_path):
    more = 'custom_placement_config {\n data_locations = ["EUROPE-WEST2", "EUROPE-WEST3"]\n }'

    estate = estate_of(tmp_path, (BUCKET % more).replace("EUROPE-WEST4", "EU"))

    assert told(estate, ADDRESS, "place.countries") == [("GB",), ("DE",)]
    assert told(estate, ADDRESS, "replication.countries") == [("GB",), ("DE",)]


def test_fronts_transfers_and_caches(tmp_path):
    estate = estate_of(
        tmp_path,
        BUCKET % ""
        + """
        resource "google_storage_bucket" "far" {
          name     = "far"
          location = "ASIA-EAST2"
        }
        resource "google_compute_backend_bucket" "b" {
          name        = "b"
          bucket_name = google_storage_bucket.w.name
        }
        resource "google_storage_transfer_job" "t" {
          transfer_spec {
            gcs_data_source {
              bucket_name = google_storage_bucket.w.name
            }
            gcs_data_sink {
              bucket_name = google_storage_bucket.far.name
            }
          }
        }
        resource "google_storage_anywhere_cache" "c" {
          bucket = google_storage_bucket.w.name
          zone   = "europe-west4-a"
        }
        """,
    )

    assert told(estate, ADDRESS, "front.public") == [True]
    assert shown(estate, ADDRESS, "front.public") == [
        "bucket_name = google_storage_bucket.w.name"
    ]
    told_countries = told(estate, ADDRESS, "replication.countries")
    assert sorted(told_countries) == [("HK",), ("NL",)]


def test_disks_and_registries(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        provider "google" {
          project = "p"
          region  = "us-central1"
          zone    = "us-central1-a"
        }
        resource "google_compute_disk" "d" {
          name = "d"
        }
        resource "google_artifact_registry_repository" "r" {
          repository_id = "r"
          format        = "DOCKER"
          location      = "asia"
        }
        resource "google_artifact_registry_repository_iam_member" "m" {
          repository = google_artifact_registry_repository.r.name
          role       = "roles/artifactregistry.reader"
          member     = "allUsers"
        }
        """,
    )

    disk, registry = "google_compute_disk.d", "google_artifact_registry_repository.r"
    assert told(estate, disk, "place.countries") == [("US",)]
    assert told(estate, disk, "encryption.key.managed_by") == ["provider"]
    assert told(estate, registry, "public.principal") == [True]
    assert "low confidence" in why(estate, registry, "place.countries").why


def test_service_accounts_are_identities(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        provider "google" {
          project = "lab"
        }
        resource "google_service_account" "t" {
          account_id = "trainer"
        }
        resource "google_service_account" "open" {
          account_id = "open"
        }
        resource "google_service_account_iam_member" "o" {
          service_account_id = google_service_account.open.name
          role               = "roles/iam.serviceAccountTokenCreator"
          member             = "allAuthenticatedUsers"
        }
        """,
    )

    (found,) = estate.named("trainer@lab.iam.gserviceaccount.com", "identity")
    assert found.address == "google_service_account.t"
    for name, expected in (("t", [False]), ("open", [True])):
        address = f"google_service_account.{name}"
        assert told(estate, address, "public.principal", "identity") == expected


MEMBERS = """
data "google_service_account" "vm" {
  account_id = "vm"
}
data "google_service_account" "other" {
  account_id = "other"
}
locals {
  two = [data.google_service_account.vm.email, data.google_service_account.other.email]
}
variable "who" {}
variable "many" {
  type = list(string)
}
resource "google_storage_bucket" "b" {
  name = "b"
}
resource "google_storage_bucket_iam_member" "m" {
  for_each = %s
  bucket   = google_storage_bucket.b.name
  role     = "roles/storage.objectUser"
  member   = %s
}
"""


@pytest.mark.parametrize(
    ("for_each", "member", "expected"),
    [
        ("toset([data.google_service_account.vm.member])", "each.key", []),
        (
            'toset([for email in local.two : "serviceAccount:${email}"])',
            "each.key",
            [],
        ),
        ("{ a = data.google_service_account.vm.email }", '"user:${each.value}"', []),
        ("toset([var.who])", '"serviceAccount:${each.key}"', []),
        ("toset([var.who])", "each.key", ["unknown"]),
        ('toset([var.who, "allUsers"])', "each.key", [True, "unknown"]),
        ('toset(concat(["allUsers"], var.many))', "each.key", [True, "unknown"]),
        ('toset(concat(["user:x"], var.many))', "each.key", ["unknown"]),
    ],
)
def test_members_out_of_sets_that_are_known_in_part(
    tmp_path, for_each, member, expected
):
    estate = estate_of(tmp_path, MEMBERS % (for_each, member))

    found = told(estate, "google_storage_bucket.b", "public.principal")
    assert [value for value in found if value is not False] == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ('disk_encryption = "CMEK"', ["customer"]),
        ("disk_encryption = var.method", ["unknown"]),
        ('disk_encryption = "GMEK"', ["provider"]),
        ("", ["provider"]),
    ],
)
def test_the_key_of_a_notebook_is_only_used_where_it_is_asked_for(
    tmp_path, method, expected
):
    text = f"""
    variable "method" {{}}
    resource "google_notebooks_instance" "n" {{
      location = "us-west1-a"
      kms_key  = "projects/p/locations/us-west1/keyRings/r/cryptoKeys/k"
      {method}
    }}
    """

    estate = estate_of(tmp_path, text)

    address = "google_notebooks_instance.n"
    assert told(estate, address, "encryption.key.managed_by") == expected
