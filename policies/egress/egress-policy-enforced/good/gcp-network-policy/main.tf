resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  network_policy {
    enabled = true
  }
}
