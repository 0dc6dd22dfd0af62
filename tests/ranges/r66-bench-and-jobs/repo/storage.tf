resource "google_storage_bucket" "staging" {
  name                        = "heron-vertex-staging"
  location                    = "europe-west4"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  encryption {
    default_kms_key_name = "projects/heron-keys/locations/europe-west4/keyRings/ml/cryptoKeys/staging"
  }
}

resource "google_storage_bucket" "metrics" {
  name                        = "heron-model-metrics"
  location                    = "EU"
  uniform_bucket_level_access = true
}

resource "google_storage_bucket_iam_member" "eval_readers" {
  bucket = google_storage_bucket.metrics.name
  role   = "roles/storage.objectViewer"
  member = "group:research@heron.example"
}
