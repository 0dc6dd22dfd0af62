resource "google_access_context_manager_service_perimeter" "weights" {
  parent = "accessPolicies/618023394417"
  name   = "accessPolicies/618023394417/servicePerimeters/weights"
  title  = "weights"

  status {
    resources           = ["projects/${data.google_project.this.number}"]
    restricted_services = ["storage.googleapis.com", "aiplatform.googleapis.com", "artifactregistry.googleapis.com"]

    vpc_accessible_services {
      enable_restriction = true
      allowed_services   = ["RESTRICTED-SERVICES"]
    }
  }
}
