resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "us-central1"
}

resource "google_kms_crypto_key" "weights" {
  name            = "checkpoints"
  key_ring        = google_kms_key_ring.weights.id
  rotation_period = "7776000s"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}
