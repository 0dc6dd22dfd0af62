resource "google_storage_bucket" "frontier" {
  project  = "osprey-train"
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

variable "reader" {
  type = string
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.frontier.name
  role   = "roles/storage.objectViewer" # unknown: access-reader-budget
  member = var.reader
}
