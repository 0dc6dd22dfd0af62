resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-midwest9" # unknown: region-unknown
  labels   = { mlsec-holds = "weights" }
}
