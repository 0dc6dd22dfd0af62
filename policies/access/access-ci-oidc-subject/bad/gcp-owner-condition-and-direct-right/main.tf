resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_iam_workload_identity_pool" "ci" {
  project                   = "lab-ml"
  workload_identity_pool_id = "ci"
}

resource "google_iam_workload_identity_pool_provider" "gitlab" {
  project                            = "lab-ml"
  workload_identity_pool_id          = "ci"
  workload_identity_pool_provider_id = "gitlab"
  attribute_condition                = "assertion.namespace_path.startsWith('lab/')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://gitlab.com"
  }
}

resource "google_storage_bucket_iam_member" "pool" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "principalSet://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/ci/*" # broken: access-ci-oidc-subject
}
