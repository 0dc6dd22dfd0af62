resource "google_iam_workload_identity_pool" "ci" {
  workload_identity_pool_id = "ci"
}

resource "google_iam_workload_identity_pool_provider" "gitlab" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "gitlab"

  attribute_mapping = {
    "google.subject"         = "assertion.sub"
    "attribute.project_path" = "assertion.project_path"
  }

  oidc {
    issuer_uri        = "https://gitlab.com"
    allowed_audiences = ["https://gitlab.com"]
  }
}

locals {
  pipelines = {
    regress = {
      bucket  = google_storage_bucket.voice.name
      role    = "roles/storage.objectViewer"
      members = ["*"]
    }
    clips = {
      bucket  = google_storage_bucket.clips.name
      role    = "roles/storage.objectViewer"
      members = ["*"]
    }
  }
}

resource "google_service_account" "pipeline" {
  for_each   = local.pipelines
  account_id = "ci-${each.key}"
}

resource "google_storage_bucket_iam_member" "pipeline" {
  for_each = local.pipelines
  bucket   = each.value.bucket
  role     = each.value.role
  member   = google_service_account.pipeline[each.key].member
}

resource "google_service_account_iam_binding" "pipeline" {
  for_each           = local.pipelines
  service_account_id = google_service_account.pipeline[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  members            = [for m in each.value.members : "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.ci.name}/${m}"]
}
