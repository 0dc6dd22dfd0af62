resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "global" # broken: region-unknown
}

resource "google_kms_crypto_key" "weights" {
  name     = "checkpoints"
  key_ring = google_kms_key_ring.weights.id
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}
