resource "google_storage_bucket" "weights" { # broken: weights-customer-key
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}
