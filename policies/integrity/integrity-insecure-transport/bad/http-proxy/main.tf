resource "google_storage_bucket" "weights" {
  name     = "lab-model-weights"
  location = "EUROPE-WEST4"
}

resource "google_compute_backend_bucket" "weights" {
  name        = "weights"
  bucket_name = google_storage_bucket.weights.name
}

resource "google_compute_url_map" "weights" {
  name            = "weights"
  default_service = google_compute_backend_bucket.weights.id
}

resource "google_compute_target_http_proxy" "weights" {  # broken: integrity-insecure-transport
  name    = "weights"
  url_map = google_compute_url_map.weights.id
}
