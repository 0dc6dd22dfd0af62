resource "google_storage_bucket_iam_member" "evaluation" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:evaluation@acme-evaluation.iam.gserviceaccount.com"
}
