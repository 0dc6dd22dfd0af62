resource "google_container_cluster" "lab" {
  project  = "acme-ml"
  name     = "lab"
  location = "europe-west4"

  workload_identity_config {
    workload_pool = "acme-ml.svc.id.goog"
  }
}

resource "google_container_node_pool" "gpu" {
  name     = "gpu"
  cluster  = google_container_cluster.lab.name
  location = "europe-west4"

  node_config {
    machine_type    = "a3-highgpu-8g"
    service_account = google_service_account.nodes.email

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}

resource "google_service_account" "nodes" {
  project    = "acme-ml"
  account_id = "gpu-nodes"
}
