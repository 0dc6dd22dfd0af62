resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  datapath_provider = "LEGACY_DATAPATH" # broken: egress-policy-enforced
}
