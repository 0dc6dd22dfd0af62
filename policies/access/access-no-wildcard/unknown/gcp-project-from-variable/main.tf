variable "project" {
  type = string
}

resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_project_iam_member" "owner" {
  project = var.project
  role    = "roles/storage.admin"
  member  = "group:engineers@lab.example" # unknown: access-no-wildcard
}
