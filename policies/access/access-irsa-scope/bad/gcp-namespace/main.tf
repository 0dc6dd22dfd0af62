resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_storage_bucket_iam_member" "namespace" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "principalSet://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/lab-ml.svc.id.goog/namespace/train" # broken: access-irsa-scope
}
