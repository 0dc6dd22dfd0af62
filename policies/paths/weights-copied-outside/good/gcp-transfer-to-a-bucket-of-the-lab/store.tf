provider "google" {
  project = "acme-ml"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "EUROPE-WEST4"
}

resource "google_storage_bucket" "mirror" {
  name     = "acme-ckpt-mirror"
  location = "EUROPE-WEST1"
}
