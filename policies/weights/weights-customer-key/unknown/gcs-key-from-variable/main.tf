variable "kms_key" {
  type = string
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }

  encryption {
    default_kms_key_name = var.kms_key # unknown: weights-customer-key
  }
}
