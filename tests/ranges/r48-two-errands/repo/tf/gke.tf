resource "google_compute_network" "kelp" {
  name                    = "kelp"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "kelp" {
  name                     = "kelp"
  network                  = google_compute_network.kelp.id
  region                   = var.region
  ip_cidr_range            = "10.8.0.0/20"
  private_ip_google_access = true
}

resource "google_compute_router" "kelp" {
  name    = "kelp"
  network = google_compute_network.kelp.id
  region  = var.region
}

resource "google_compute_router_nat" "kelp" {
  name                               = "kelp"
  router                             = google_compute_router.kelp.name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

resource "google_container_cluster" "kelp" {
  name                     = "kelp"
  location                 = var.region
  network                  = google_compute_network.kelp.id
  subnetwork               = google_compute_subnetwork.kelp.id
  remove_default_node_pool = true
  initial_node_count       = 1
  datapath_provider        = "ADVANCED_DATAPATH"
  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }
  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}

resource "google_container_node_pool" "kelp" {
  name    = "main"
  cluster = google_container_cluster.kelp.id
  node_config {
    machine_type = "a3-highgpu-8g"
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}
