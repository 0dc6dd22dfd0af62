resource "google_iam_workload_identity_pool" "ci" {
  workload_identity_pool_id = "ci"
  project                   = "acme-ml"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  project                            = "acme-ml"
  attribute_condition                = "assertion.repository_owner == 'acme'"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "evaluation" {
  account_id = "evaluation"
  project    = "acme-ml"
}

resource "google_service_account_iam_member" "github" {
  service_account_id = google_service_account.evaluation.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.ci.name}/*" # broken: weights-to-pipeline
}

resource "google_storage_bucket_iam_member" "evaluation" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.evaluation.member
}
