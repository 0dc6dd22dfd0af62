resource "google_storage_bucket" "released" {
  name     = "acme-released-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }

  versioning {
    enabled = false # broken: weights-immutable
  }

  retention_policy {
    retention_period = 31536000
    is_locked        = false # broken: weights-immutable
  }
}
