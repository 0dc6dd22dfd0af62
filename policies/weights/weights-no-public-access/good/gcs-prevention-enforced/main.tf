resource "google_storage_bucket" "weights" {
  name                     = "acme-llm-weights"
  location                 = "us-central1"
  public_access_prevention = "enforced"
  labels                   = { mlsec-holds = "weights" }
}
