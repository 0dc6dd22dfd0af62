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

resource "google_organization_iam_member" "everywhere" {
  org_id = "123456789012"
  role   = "roles/storage.objectCreator" # broken: egress-write-any-bucket
  member = google_service_account.trainer.member
}

resource "google_folder_iam_binding" "research" {
  folder  = "folders/987654321"
  role    = "roles/storage.objectAdmin" # broken: egress-write-any-bucket
  members = ["group:research@lab.example"]
}

resource "google_storage_bucket_iam_member" "research" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "group:research@lab.example"
}
