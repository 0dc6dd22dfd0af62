resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_service_account" "trainer" {
  project    = "lab-ml"
  account_id = "trainer"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}

resource "google_storage_bucket_iam_member" "partner" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer" # broken: access-cross-account
  member = "serviceAccount:reader@partner-prod.iam.gserviceaccount.com"
}

resource "google_service_account_iam_member" "vendor" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:support@vendor-tools.iam.gserviceaccount.com" # broken: access-cross-account
}
