resource "google_compute_network" "ml" {
  name                    = "ml"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "nodes" {
  name                     = "nodes"
  network                  = google_compute_network.ml.id
  region                   = "us-central1"
  ip_cidr_range            = "10.8.0.0/20"
  private_ip_google_access = true
}

resource "google_compute_router" "ml" {
  name    = "ml"
  network = google_compute_network.ml.id
  region  = "us-central1"
}

resource "google_compute_router_nat" "ml" {
  name                               = "ml"
  router                             = google_compute_router.ml.name
  region                             = "us-central1"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

resource "google_container_cluster" "ml" {
  name              = "ml"
  location          = "us-central1"
  network           = google_compute_network.ml.id
  subnetwork        = google_compute_subnetwork.nodes.id
  datapath_provider = "ADVANCED_DATAPATH"

  initial_node_count       = 1
  remove_default_node_pool = true

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
    master_ipv4_cidr_block  = "172.16.0.0/28"
  }

  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }

  addons_config {
    gcs_fuse_csi_driver_config {
      enabled = true
    }
  }
}

resource "google_container_node_pool" "gpu" {
  name     = "a3"
  cluster  = google_container_cluster.ml.id
  location = "us-central1"

  node_config {
    machine_type = "a3-highgpu-8g"
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}
