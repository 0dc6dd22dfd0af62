resource "google_storage_bucket" "weights" {
  project                     = "lab-ml"
  name                        = "lab-weights"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true

  labels = {
    mlsec-holds = "weights"
  }
}

resource "google_service_account" "trainer" {
  project    = "lab-ml"
  account_id = "trainer"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}

resource "google_container_cluster" "prod" {
  project  = "lab-ml"
  name     = "prod"
  location = "europe-west4"

  workload_identity_config {
    workload_pool = "lab-ml.svc.id.goog"
  }
}

provider "kubernetes" {
  alias = "prod"
  host  = "https://${google_container_cluster.prod.endpoint}"
}

resource "kubernetes_namespace_v1" "prod" {
  provider = kubernetes.prod

  metadata {
    name = "train"
  }
}

resource "google_container_cluster" "dev" {
  project  = "lab-dev"
  name     = "dev"
  location = "europe-west4"

  workload_identity_config {
    workload_pool = "lab-dev.svc.id.goog"
  }
}

provider "kubernetes" {
  alias = "dev"
  host  = "https://${google_container_cluster.dev.endpoint}"
}

resource "kubernetes_namespace_v1" "dev" {
  provider = kubernetes.dev

  metadata {
    name = "train"
  }
}

resource "google_service_account_iam_member" "wi" {
  service_account_id = google_service_account.trainer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:lab-ml.svc.id.goog[train/trainer]"
}
