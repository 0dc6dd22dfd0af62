variable "private" {
  type = bool
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

resource "google_storage_bucket" "weights" {
  name     = "lab-weights"
  location = "europe-west4"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_service_account" "research" {
  account_id = "research"
}

resource "google_storage_bucket_iam_member" "research" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.research.email}"
}

resource "google_workbench_instance" "research" {
  name     = "research"
  location = "europe-west4-a"

  gce_setup {
    machine_type      = "g2-standard-8"
    disable_public_ip = var.private # unknown: egress-notebook-internet

    network_interfaces {
      network = google_compute_network.main.id
      subnet  = google_compute_subnetwork.train.id
    }

    service_accounts {
      email = google_service_account.research.email
    }
  }
}
