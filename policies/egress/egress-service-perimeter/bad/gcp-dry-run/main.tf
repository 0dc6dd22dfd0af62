resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  project  = "lab-ml"
  location = "EUROPE-WEST4"

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_access_context_manager_service_perimeter" "ml" {
  parent                    = "accessPolicies/1"
  name                      = "accessPolicies/1/servicePerimeters/ml"
  title                     = "ml"
  use_explicit_dry_run_spec = true # broken: egress-service-perimeter

  spec {
    resources           = ["projects/123"]
    restricted_services = ["storage.googleapis.com"]
  }
}
