provider "google" {
  project = "acme-ml"
}

resource "google_container_cluster" "prod" {
  name     = "prod"
  location = "europe-west4"

  workload_identity_config {
    workload_pool = "acme-ml.svc.id.goog"
  }
}

resource "google_container_cluster" "dev" {
  name     = "dev"
  location = "europe-west4"

  workload_identity_config {
    workload_pool = "acme-ml.svc.id.goog"
  }
}

provider "kubernetes" {
  alias = "prod"
  host  = "https://${google_container_cluster.prod.endpoint}"
}

provider "kubernetes" {
  alias = "dev"
  host  = "https://${google_container_cluster.dev.endpoint}"
}
