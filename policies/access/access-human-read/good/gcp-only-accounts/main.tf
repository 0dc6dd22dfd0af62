resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_service_account" "trainer" {
  account_id = "trainer"
  project    = "osprey-train"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.frontier.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.trainer.member
}

resource "google_storage_bucket_iam_member" "auditors" {
  bucket = google_storage_bucket.frontier.name
  role   = "roles/storage.legacyBucketReader"
  member = "group:audit@osprey.example"
}
