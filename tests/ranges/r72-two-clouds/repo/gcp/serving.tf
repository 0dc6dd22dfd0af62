provider "google" {
  project = "alder-serving"
  region  = "us-east4"
}

resource "google_storage_bucket" "serving" {
  name                        = "alder-serving-weights"
  location                    = "US-EAST4"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_service_account" "tgi" {
  account_id = "tgi"
}

resource "google_storage_bucket_iam_member" "tgi" {
  bucket = google_storage_bucket.serving.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.tgi.member
}

resource "google_service_account_iam_member" "tgi" {
  service_account_id = google_service_account.tgi.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:alder-serving.svc.id.goog[serve/tgi]"
}

resource "google_storage_bucket" "feedback" {
  name     = "alder-model-feedback"
  location = "US-EAST4"
}
