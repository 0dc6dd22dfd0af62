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

resource "google_project_iam_member" "elsewhere" {
  project = "lab-web"
  role    = "roles/editor"
  member  = "group:web@lab.example"
}

resource "google_project_iam_member" "logs" {
  project = "lab-ml"
  role    = "roles/logging.logWriter"
  member  = google_service_account.trainer.member
}
