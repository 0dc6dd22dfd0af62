resource "google_storage_bucket_iam_member" "researchers" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer" # broken: weights-to-people
  member = "group:researchers@acme.example"
}
