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

resource "google_iam_workload_identity_pool" "organisation" {
  project                   = "lab-ml"
  workload_identity_pool_id = "organisation"
}

resource "google_iam_workload_identity_pool_provider" "organisation" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.organisation.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.sub.startsWith('repo:lab/')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "organisation" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.organisation.name}/*" # broken: access-ci-oidc-subject
}

resource "google_iam_workload_identity_pool" "workflow" {
  project                   = "lab-ml"
  workload_identity_pool_id = "workflow"
}

resource "google_iam_workload_identity_pool_provider" "workflow" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.workflow.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.sub == 'workflow:release'"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "workflow" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.workflow.name}/*" # broken: access-ci-oidc-subject
}

resource "google_iam_workload_identity_pool" "owner_beginning" {
  project                   = "lab-ml"
  workload_identity_pool_id = "owner-beginning"
}

resource "google_iam_workload_identity_pool_provider" "owner_beginning" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.owner_beginning.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository_owner.startsWith('lab')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "owner_beginning" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.owner_beginning.name}/*" # broken: access-ci-oidc-subject
}

resource "google_iam_workload_identity_pool" "any_file" {
  project                   = "lab-ml"
  workload_identity_pool_id = "any-file"
}

resource "google_iam_workload_identity_pool_provider" "any_file" {
  project                            = "lab-ml"
  workload_identity_pool_id          = google_iam_workload_identity_pool.any_file.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.job_workflow_ref.startsWith('lab/')"

  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "any_file" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.any_file.name}/*" # broken: access-ci-oidc-subject
}
