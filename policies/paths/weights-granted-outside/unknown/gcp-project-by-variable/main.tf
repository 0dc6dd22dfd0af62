variable "project" {
  type = string
}

provider "google" {
  project = var.project
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "EUROPE-WEST4"

  labels = {
    "mlsec-holds" = "weights"
  }
}

resource "google_storage_bucket_iam_member" "evaluation" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer" # unknown: weights-granted-outside
  member = "serviceAccount:evaluation@partner-models.iam.gserviceaccount.com"
}
