resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier-checkpoints"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_privileged_access_manager_entitlement" "weights" {
  entitlement_id       = "weights"
  location             = "global"
  parent               = "projects/osprey-train"
  max_request_duration = "3600s"
  eligible_users {
    principals = ["group:research@osprey.example"]
  }
  privileged_access {
    gcp_iam_access {
      resource      = "//cloudresourcemanager.googleapis.com/projects/osprey-train"
      resource_type = "cloudresourcemanager.googleapis.com/Project"
      role_bindings {
        role = "roles/storage.objectViewer"
      }
    }
  }
  approval_workflow {
    manual_approvals {
      steps {
        approvals_needed = 1
        approvers {
          principals = ["group:custodians@osprey.example"]
        }
      }
    }
  }
}
