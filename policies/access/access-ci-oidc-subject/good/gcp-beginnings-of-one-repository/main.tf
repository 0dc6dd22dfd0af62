resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_service_account" "trainer" {
  project    = "lab-ml"
  account_id = "trainer"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}

resource "google_iam_workload_identity_pool" "branches" {
  project                   = "lab-ml"
  workload_identity_pool_id = "branches"
}

resource "google_iam_workload_identity_pool_provider" "branches" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.branches.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.sub.startsWith('repo:lab/models:ref:refs/heads/')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "branches" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.branches.name}/*"
}

resource "google_iam_workload_identity_pool" "file" {
  project                   = "lab-ml"
  workload_identity_pool_id = "file"
}

resource "google_iam_workload_identity_pool_provider" "file" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.file.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.job_workflow_ref.startsWith('lab/automation/.github/workflows/release.yml@')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "file" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.file.name}/*"
}

resource "google_iam_workload_identity_pool" "two" {
  project                   = "lab-ml"
  workload_identity_pool_id = "two"
}

resource "google_iam_workload_identity_pool_provider" "two" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.two.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository in ['lab/models', 'lab/eval']"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "two" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.two.name}/*"
}

resource "google_iam_workload_identity_pool" "expression" {
  project                   = "lab-ml"
  workload_identity_pool_id = "expression"
}

resource "google_iam_workload_identity_pool_provider" "expression" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.expression.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository.matches('^lab/models$')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "expression" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.expression.name}/*"
}
