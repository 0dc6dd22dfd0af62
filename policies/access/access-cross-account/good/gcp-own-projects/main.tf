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

resource "google_compute_network" "evaluation" {
  project = "lab-eval"
  name    = "evaluation"
}

resource "google_storage_bucket_iam_member" "evaluation" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:scorer@lab-eval.iam.gserviceaccount.com"
}

resource "google_storage_bucket_iam_member" "agent" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:service-1234@gcp-sa-aiplatform.iam.gserviceaccount.com"
}
