resource "google_access_context_manager_service_perimeter" "weights" {
  parent = "accessPolicies/1234567890"
  name   = "accessPolicies/1234567890/servicePerimeters/weights"
  title  = "weights"

  status {
    resources           = ["projects/${data.google_project.ml.number}"]
    restricted_services = ["storage.googleapis.com"]
  }
}

data "google_project" "ml" {
  project_id = "acme-ml"
}
