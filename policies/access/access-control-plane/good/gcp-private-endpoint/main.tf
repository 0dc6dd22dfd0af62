resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}
