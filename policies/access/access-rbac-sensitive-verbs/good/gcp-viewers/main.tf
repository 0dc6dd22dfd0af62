resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}

resource "google_project_iam_member" "research" {
  project = "acme-ml"
  role    = "roles/container.viewer"
  member  = "group:research@acme.example"
}

resource "google_project_iam_member" "other" {
  project = "acme-web"
  role    = "roles/container.developer"
  member  = "user:dev@acme.example"
}
