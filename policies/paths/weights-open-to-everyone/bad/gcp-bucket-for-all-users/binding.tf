resource "google_storage_bucket_iam_member" "public" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "allUsers" # broken: weights-open-to-everyone
}
