data "google_organization" "lab" {
  domain = "acme.example"
}

resource "google_storage_bucket_iam_member" "partner" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer" # broken: weights-granted-outside
  member = "group:reviewers@partner.example"
}
