variable "account" {
  type = string
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

resource "google_service_account_key" "somebody" {
  service_account_id = var.account # unknown: access-no-static-key
}
