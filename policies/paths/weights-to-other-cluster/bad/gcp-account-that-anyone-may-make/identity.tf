resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "EUROPE-WEST4"
}

resource "google_service_account" "trainer" {
  account_id = "trainer"
  project    = "acme-ml"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}

resource "google_service_account_iam_member" "trainer" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:acme-ml.svc.id.goog[train/trainer]"
}
