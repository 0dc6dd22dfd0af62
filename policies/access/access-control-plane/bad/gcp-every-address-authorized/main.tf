resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block = "0.0.0.0/0" # broken: access-control-plane
    }
  }
}
