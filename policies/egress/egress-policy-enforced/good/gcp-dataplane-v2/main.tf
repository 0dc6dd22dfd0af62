resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  datapath_provider = "ADVANCED_DATAPATH"
}
