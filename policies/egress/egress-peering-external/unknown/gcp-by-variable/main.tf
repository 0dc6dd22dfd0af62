variable "partner" {
  type = string
}

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

resource "google_compute_network_peering" "partner" { # unknown: egress-peering-external
  name         = "partner"
  network      = google_compute_network.main.id
  peer_network = var.partner
}

resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "europe-west4-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_instance" "trainer" {
  name         = "trainer"
  machine_type = "a3-highgpu-8g"
  zone         = "europe-west4-a"
  tags         = ["train"]

  boot_disk {
    initialize_params {
      image = "projects/lab/global/images/train-20261101"
    }
  }

  attached_disk {
    source = google_compute_disk.checkpoints.id
  }

  network_interface {
    subnetwork = google_compute_subnetwork.train.id
  }
}

