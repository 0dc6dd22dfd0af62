resource "google_container_cluster" "tarn" {
  name                     = "tarn"
  location                 = "europe-west4"
  network                  = google_compute_network.tarn.id
  subnetwork               = google_compute_subnetwork.part["gpu"].id
  initial_node_count       = 1
  remove_default_node_pool = true

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }

  ip_allocation_policy {}

  workload_identity_config {
    workload_pool = "tarn-models.svc.id.goog"
  }
}

locals {
  pools = {
    wide  = { private = false }
    tight = { private = true }
  }
}

resource "google_container_node_pool" "pool" {
  for_each   = local.pools
  name       = each.key
  cluster    = google_container_cluster.tarn.name
  location   = "europe-west4"
  node_count = 2

  network_config {
    enable_private_nodes = each.value.private
  }

  node_config {
    machine_type    = "a3-highgpu-8g"
    service_account = google_service_account.node.email

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}

resource "google_service_account" "node" {
  account_id = "tarn-node"
}
