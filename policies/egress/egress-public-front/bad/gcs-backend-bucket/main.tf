resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}

resource "google_compute_backend_bucket" "downloads" {
  name        = "downloads"
  bucket_name = google_storage_bucket.weights.name # broken: egress-public-front
  enable_cdn  = true
}
