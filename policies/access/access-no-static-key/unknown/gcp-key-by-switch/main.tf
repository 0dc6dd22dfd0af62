variable "key" {
  type = bool
}

resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  project  = "lab-ml"
  location = "EUROPE-WEST4"

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

resource "google_service_account_key" "trainer" {
  count              = var.key ? 1 : 0
  service_account_id = google_service_account.trainer.name # unknown: access-no-static-key
}
