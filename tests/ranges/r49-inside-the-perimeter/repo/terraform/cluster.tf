resource "google_container_cluster" "serving" {
  name                     = "serving"
  location                 = "europe-west1"
  network                  = google_compute_network.serving.id
  subnetwork               = google_compute_subnetwork.gpu.id
  remove_default_node_pool = true
  initial_node_count       = 1
  datapath_provider        = "ADVANCED_DATAPATH"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
    master_ipv4_cidr_block  = "172.16.0.0/28"
  }
  workload_identity_config {
    workload_pool = "quartzite-models.svc.id.goog"
  }
  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }
}

resource "google_service_account" "nodes" {
  account_id = "serving-nodes"
}

resource "google_container_node_pool" "l4" {
  name     = "l4"
  cluster  = google_container_cluster.serving.id
  location = "europe-west1"
  node_config {
    machine_type    = "g2-standard-24"
    service_account = google_service_account.nodes.email
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}

resource "google_service_account" "server" {
  account_id = "llm-server"
}

resource "google_storage_bucket_iam_member" "server" {
  for_each = { a = google_storage_bucket.released.name, b = google_storage_bucket.mirror.name }
  bucket   = each.value
  role     = "roles/storage.objectViewer"
  member   = google_service_account.server.member
}

resource "google_service_account_iam_member" "server" {
  service_account_id = google_service_account.server.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:quartzite-models.svc.id.goog[llm/server]"
}
