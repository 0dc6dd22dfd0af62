resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  binary_authorization {
    evaluation_mode = "DISABLED" # broken: integrity-image-signed
  }
}
