variable "public_access_prevention" {
  type = string
}

resource "google_storage_bucket" "weights" {
  name                     = "acme-llm-weights"
  location                 = "us-central1"
  public_access_prevention = var.public_access_prevention # unknown: weights-no-public-access
  labels                   = { mlsec-holds = "weights" }
}
