variable "near_users" {
  type = bool
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = var.near_users ? "asia-east2" : "us-central1" # broken: region-deny-list
  labels   = { mlsec-holds = "weights" }
}
