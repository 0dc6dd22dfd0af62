resource "google_iam_workload_identity_pool" "github" {
  workload_identity_pool_id = "github"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository == 'quartzite/site' && assertion.ref == 'refs/heads/main'"
  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "site" {
  account_id = "site-publisher"
}

resource "google_storage_bucket_iam_member" "site" {
  bucket = google_storage_bucket.cards.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.site.member
}

resource "google_service_account_iam_member" "site" {
  service_account_id = google_service_account.site.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.repository/quartzite/site"
}
