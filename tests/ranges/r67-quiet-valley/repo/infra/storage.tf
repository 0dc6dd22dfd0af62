resource "google_storage_bucket" "weights" {
  name                        = "valley-weights"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_kms_key_ring" "ml" {
  name     = "ml"
  location = var.region
}

resource "google_kms_crypto_key" "weights" {
  name            = "weights"
  key_ring        = google_kms_key_ring.ml.id
  rotation_period = "7776000s"

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "HSM"
  }
}

resource "google_storage_bucket" "datasets" {
  name                        = "valley-model-datasets"
  location                    = "EU"
  uniform_bucket_level_access = true
}

resource "google_storage_bucket_iam_member" "datasets_readers" {
  bucket = google_storage_bucket.datasets.name
  role   = "roles/storage.objectViewer"
  member = "group:researchers@valley.example"
}
