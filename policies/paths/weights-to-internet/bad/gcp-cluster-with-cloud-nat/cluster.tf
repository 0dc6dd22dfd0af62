resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "gpu" {
  name                     = "gpu"
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.0.0.0/20"
  region                   = "europe-west4"
  private_ip_google_access = true
}

resource "google_container_cluster" "gpu" {
  name       = "gpu"
  location   = "europe-west4"
  network    = google_compute_network.main.id
  subnetwork = google_compute_subnetwork.gpu.id

  datapath_provider        = "ADVANCED_DATAPATH"
  remove_default_node_pool = true
  initial_node_count       = 1

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
    master_ipv4_cidr_block  = "172.16.0.0/28"
  }

  workload_identity_config {
    workload_pool = "acme-ml.svc.id.goog"
  }
}

resource "google_service_account" "nodes" {
  account_id = "nodes"
  project    = "acme-ml"
}

resource "google_container_node_pool" "gpu" {
  name       = "gpu"
  cluster    = google_container_cluster.gpu.id
  node_count = 2

  node_config {
    machine_type    = "a3-highgpu-8g"
    service_account = google_service_account.nodes.email

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}
