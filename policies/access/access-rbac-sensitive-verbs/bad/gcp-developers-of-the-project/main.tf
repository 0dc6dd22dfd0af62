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
  role    = "roles/container.developer" # broken: access-rbac-sensitive-verbs
  member  = "group:research@acme.example"
}
