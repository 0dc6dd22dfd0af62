variable "lock" {
  type        = bool
  description = "Locking cannot be undone: staging leaves it off"
}

resource "google_storage_bucket" "released" {
  name     = "acme-released-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }

  versioning {
    enabled = true
  }

  retention_policy {
    retention_period = 31536000
    is_locked        = var.lock # unknown: weights-immutable
  }
}
