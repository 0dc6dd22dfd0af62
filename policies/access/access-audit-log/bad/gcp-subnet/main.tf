resource "google_compute_network" "train" {
  name                    = "train"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "train" { # broken: access-audit-log
  name          = "train"
  region        = "europe-north1"
  network       = google_compute_network.train.id
  ip_cidr_range = "10.8.1.0/24"
}

resource "google_container_cluster" "train" {
  name       = "train"
  location   = "europe-north1"
  network    = google_compute_network.train.id
  subnetwork = google_compute_subnetwork.train.id
}

resource "kubernetes_job_v1" "sft" {
  metadata {
    name      = "sft"
    namespace = "train"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name    = "sft"
          image   = "registry.osprey.example/sft:9"
          command = ["python", "train.py", "--output_dir", "gs://osprey-frontier/checkpoints"]
          resources {
            limits = { "nvidia.com/gpu" = 8 }
          }
        }
      }
    }
  }
}
