resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block   = "10.10.0.0/24"
      display_name = "bastion"
    }
  }
}
