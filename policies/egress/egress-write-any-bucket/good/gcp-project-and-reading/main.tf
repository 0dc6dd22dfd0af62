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

resource "google_project_iam_member" "scratch" {
  project = "lab-ml"
  role    = "roles/storage.objectAdmin"
  member  = google_service_account.trainer.member
}

resource "google_organization_iam_member" "auditor" {
  org_id = "123456789012"
  role   = "roles/storage.objectViewer"
  member = google_service_account.trainer.member
}
