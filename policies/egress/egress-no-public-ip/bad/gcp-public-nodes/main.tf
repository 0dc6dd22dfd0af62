resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "train" {
  name          = "train"
  network       = google_compute_network.main.id
  region        = "europe-west4"
  ip_cidr_range = "10.8.1.0/24"
}

resource "google_container_cluster" "gpu" { # broken: egress-no-public-ip
  name                     = "gpu"
  location                 = "europe-west4"
  network                  = google_compute_network.main.id
  subnetwork               = google_compute_subnetwork.train.id
  remove_default_node_pool = true
  initial_node_count       = 1
}

resource "google_container_node_pool" "gpu" {
  name     = "gpu"
  cluster  = google_container_cluster.gpu.name
  location = "europe-west4"

  node_config {
    machine_type = "a3-highgpu-8g"
  }
}

