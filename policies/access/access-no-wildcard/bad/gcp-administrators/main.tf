resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_project_iam_member" "editors" {
  project = "lab-ml"
  role    = "roles/editor" # broken: access-no-wildcard
  member  = "group:engineers@lab.example"
}

resource "google_project_iam_binding" "administrators" {
  project = "lab-ml"
  role    = "roles/storage.admin" # broken: access-no-wildcard
  members = ["user:kim@lab.example"]
}
