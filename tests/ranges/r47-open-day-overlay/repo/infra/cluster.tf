provider "google" {
  project = "bluestem-research"
  region  = "us-east4"
}

resource "google_compute_network" "lab" {
  name                    = "lab"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "lab" {
  name                     = "lab"
  network                  = google_compute_network.lab.id
  region                   = "us-east4"
  ip_cidr_range            = "10.64.0.0/18"
  private_ip_google_access = true
}

resource "google_container_cluster" "prod" {
  name                     = "bluestem-prod"
  location                 = "us-east4"
  network                  = google_compute_network.lab.id
  subnetwork               = google_compute_subnetwork.lab.id
  remove_default_node_pool = true
  initial_node_count       = 1
  datapath_provider        = "ADVANCED_DATAPATH"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
    master_ipv4_cidr_block  = "172.16.8.0/28"
  }

  workload_identity_config {
    workload_pool = "bluestem-research.svc.id.goog"
  }

  addons_config {
    gcp_filestore_csi_driver_config {
      enabled = true
    }
  }
}

resource "google_service_account" "nodes" {
  account_id = "bluestem-nodes"
}

resource "google_container_node_pool" "a100" {
  name     = "a100"
  cluster  = google_container_cluster.prod.id
  location = "us-east4"

  node_config {
    machine_type    = "a2-highgpu-4g"
    service_account = google_service_account.nodes.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}

resource "google_filestore_instance" "runs" {
  name     = "runs"
  location = "us-east4-a"
  tier     = "ZONAL"

  file_shares {
    name        = "runs"
    capacity_gb = 10240
  }

  networks {
    network = google_compute_network.lab.name
    modes   = ["MODE_IPV4"]
  }
}
