data "google_project" "models" {
  project_id = "quartzite-models"
}

resource "google_access_context_manager_service_perimeter" "models" {
  parent = "accessPolicies/${var.access_policy}"
  name   = "accessPolicies/${var.access_policy}/servicePerimeters/models"
  title  = "models"

  status {
    resources           = ["projects/${data.google_project.models.number}"]
    restricted_services = ["storage.googleapis.com", "artifactregistry.googleapis.com", "aiplatform.googleapis.com", "storagetransfer.googleapis.com"]

    vpc_accessible_services {
      enable_restriction = true
      allowed_services   = ["RESTRICTED-SERVICES"]
    }
  }
}

resource "google_org_policy_policy" "regions" {
  name   = "projects/quartzite-models/policies/gcp.resourceLocations"
  parent = "projects/quartzite-models"
  spec {
    rules {
      values {
        allowed_values = ["in:europe-west1-locations"]
      }
    }
  }
}
