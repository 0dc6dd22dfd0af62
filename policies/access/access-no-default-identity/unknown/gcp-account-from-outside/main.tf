variable "nodes" {
  type = string
}

resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}

resource "google_container_node_pool" "gpu" {
  name     = "gpu"
  cluster  = google_container_cluster.lab.name
  location = "europe-west4"

  node_config {
    machine_type    = "a3-highgpu-8g"
    service_account = var.nodes # unknown: access-no-default-identity
  }
}
