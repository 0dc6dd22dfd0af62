variable "role" {
  type = string
}

resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_storage_bucket_iam_member" "research" {
  bucket = google_storage_bucket.frontier.name
  role   = var.role # unknown: access-human-read
  member = "group:research@osprey.example"
}
