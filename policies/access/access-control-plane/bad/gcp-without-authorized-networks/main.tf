resource "google_container_cluster" "lab" { # broken: access-control-plane
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  private_cluster_config {
    enable_private_nodes = true
  }
}
