resource "google_storage_bucket" "weights" { # broken: region-org-guardrail
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_org_policy_policy" "no_keys" {
  name   = "organizations/123/policies/iam.disableServiceAccountKeyCreation"
  parent = "organizations/123"

  spec {
    rules {
      enforce = "TRUE"
    }
  }
}
