provider "google" {
  project = "acme-ml"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "EUROPE-WEST4"

  labels = {
    "mlsec-holds" = "weights"
  }
}
