resource "google_container_cluster" "train" {
  name     = "train"
  location = "us-central1"
}

data "google_client_config" "me" {}

provider "kubernetes" {
  host  = "https://${google_container_cluster.train.endpoint}"
  token = data.google_client_config.me.access_token
}

resource "kubernetes_persistent_volume_claim_v1" "checkpoints" {
  metadata {
    name      = "checkpoints"
    namespace = "ml"
    annotations = {
      "mlsec/holds" = "weights"
    }
  }

  spec {
    access_modes = ["ReadWriteMany"]
    resources {
      requests = {
        storage = "4Ti"
      }
    }
  }
}

resource "google_gke_backup_backup_plan" "ml" {
  name     = "ml"
  cluster  = google_container_cluster.train.id
  location = "asia-east2" # broken: region-backup-copy

  backup_config {
    include_volume_data = true
    selected_namespaces {
      namespaces = ["ml"]
    }
  }
}
