variable "reader" {
  type = string
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = var.reader # unknown: access-no-public-principal
}
