resource "google_storage_bucket" "weights" {
  name                        = "acme-llm-weights"
  location                    = "us-central1"
  uniform_bucket_level_access = true
  public_access_prevention    = "inherited" # broken: weights-no-public-access

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_storage_bucket" "staging" { # broken: weights-no-public-access
  name     = "acme-llm-weights-staging"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}
