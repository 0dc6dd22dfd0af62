variable "uniform" {
  type = bool
}

resource "google_storage_bucket" "weights" {
  name                        = "acme-llm-weights"
  location                    = "us-central1"
  uniform_bucket_level_access = var.uniform # unknown: weights-identity-only-auth
  labels                      = { mlsec-holds = "weights" }
}
