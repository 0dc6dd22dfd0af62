resource "google_storage_bucket_iam_member" "evaluation" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.evaluation.member
}
