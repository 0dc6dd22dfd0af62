resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  project  = "lab-ml"
  location = "EUROPE-WEST4"

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_project" "ml" {
  project_id = "lab-ml"
  name       = "ml"
  org_id     = "123456789012"
}

resource "google_access_context_manager_service_perimeter" "ml" {
  parent = "accessPolicies/1"
  name   = "accessPolicies/1/servicePerimeters/ml"
  title  = "ml"

  status {
    resources           = ["projects/${google_project.ml.number}"]
    restricted_services = ["storage.googleapis.com", "aiplatform.googleapis.com"]

    egress_policies {
      egress_to {
        resources = ["projects/777"]
      }
    }
  }
}
