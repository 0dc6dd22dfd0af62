resource "google_iam_workload_identity_pool" "partner" {
  workload_identity_pool_id = "partner"
  project                   = "acme-ml"
}

resource "google_iam_workload_identity_pool_provider" "aws" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.partner.workload_identity_pool_id
  workload_identity_pool_provider_id = "aws"
  project                            = "acme-ml"

  attribute_mapping = {
    "google.subject"     = "assertion.arn"
    "attribute.aws_role" = "assertion.arn.extract('assumed-role/{role}/')"
  }

  aws {
    account_id = "444455556666"
  }
}

resource "google_service_account" "evaluation" {
  account_id = "evaluation"
  project    = "acme-ml"
}

resource "google_service_account_iam_member" "partner" {
  service_account_id = google_service_account.evaluation.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.partner.name}/attribute.aws_role/evaluation"
}
