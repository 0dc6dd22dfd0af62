resource "google_storage_bucket_iam_member" "partner" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer" # broken: weights-granted-outside
  member = "serviceAccount:evaluation@partner-models.iam.gserviceaccount.com"
}

resource "google_service_account" "publisher" {
  account_id = "publisher"
}

resource "google_storage_bucket_iam_member" "publisher" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.publisher.member
}

resource "google_service_account_iam_member" "vendor" {
  service_account_id = google_service_account.publisher.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:support@vendor-tools.iam.gserviceaccount.com" # broken: weights-granted-outside
}
