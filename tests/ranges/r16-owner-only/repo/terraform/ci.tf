resource "google_iam_workload_identity_pool" "forge" {
  workload_identity_pool_id = "forge"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.forge.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_mapping = {
    "google.subject"             = "assertion.sub"
    "attribute.repository"       = "assertion.repository"
    "attribute.repository_owner" = "assertion.repository_owner"
    "attribute.ref"              = "assertion.ref"
  }
  attribute_condition = "assertion.repository_owner == 'marl-ai'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "publish" {
  for_each   = local.rings
  account_id = "publish-${each.key}"
}

resource "google_storage_bucket_iam_member" "publish" {
  for_each = local.rings
  bucket   = google_storage_bucket.ring[each.key].name
  role     = "roles/storage.objectViewer"
  member   = google_service_account.publish[each.key].member
}

resource "google_service_account_iam_member" "gneiss" {
  service_account_id = google_service_account.publish["gneiss"].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.forge.name}/attribute.repository_owner/marl-ai"
}

resource "google_service_account_iam_member" "schist" {
  service_account_id = google_service_account.publish["schist"].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.forge.name}/subject/repo:marl-ai/release:environment:prod"
}
