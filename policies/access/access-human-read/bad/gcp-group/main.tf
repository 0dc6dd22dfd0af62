resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_storage_bucket_iam_member" "research" {
  bucket = google_storage_bucket.frontier.name
  role   = "roles/storage.objectViewer" # broken: access-human-read
  member = "group:research@osprey.example"
}
