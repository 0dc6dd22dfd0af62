provider "google" {
  project = "acme-ml"
}

resource "google_artifact_registry_repository" "serving" {
  repository_id = "serving"
  location      = "europe-west4"
  format        = "DOCKER"
}
