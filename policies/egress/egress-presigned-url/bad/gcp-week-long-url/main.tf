resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  project  = "lab-ml"
  location = "EUROPE-WEST4"

  labels = {
    mlsec-holds = "weights"
  }
}

data "google_storage_object_signed_url" "latest" {
  bucket   = google_storage_bucket.weights.name
  path     = "v5/model.safetensors"
  duration = "168h" # broken: egress-presigned-url
}
