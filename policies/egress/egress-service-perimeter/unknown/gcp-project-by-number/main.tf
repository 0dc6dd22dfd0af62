resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  project  = "lab-ml"
  location = "EUROPE-WEST4"

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_access_context_manager_service_perimeter" "ml" { # unknown: egress-service-perimeter
  parent = "accessPolicies/1"
  name   = "accessPolicies/1/servicePerimeters/ml"
  title  = "ml"

  status {
    resources           = ["projects/${var.number}"]
    restricted_services = ["storage.googleapis.com"]
  }
}

variable "number" {
  type = string
}
