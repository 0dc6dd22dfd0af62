provider "google" {
  project = "acme-ml"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "EUROPE-WEST4"

  labels = {
    "mlsec-holds" = "weights"
  }
}

resource "google_privileged_access_manager_entitlement" "debug" {
  entitlement_id       = "debug"
  location             = "global"
  parent               = "projects/acme-ml"
  max_request_duration = "3600s"

  requester_justification_config {
    unstructured {}
  }

  eligible_users {
    principals = ["group:engineers@acme.example"]
  }

  privileged_access {
    gcp_iam_access {
      resource      = "//cloudresourcemanager.googleapis.com/projects/acme-ml"
      resource_type = "cloudresourcemanager.googleapis.com/Project"

      role_bindings {
        role = "roles/storage.objectViewer" # broken: weights-to-people
      }
    }
  }
}
