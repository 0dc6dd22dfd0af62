resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}

resource "google_storage_bucket_iam_member" "everyone" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "allUsers" # broken: access-no-public-principal
}

resource "google_storage_bucket_iam_binding" "signed_in" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  members = [
    "group:research@acme.example",
    "allAuthenticatedUsers", # broken: access-no-public-principal
  ]
}
