resource "google_storage_bucket" "weights" {
  name     = "lab-model-weights"
  location = "EUROPE-WEST4"
}

resource "google_storage_transfer_job" "out" {
  description = "out"
  transfer_spec {
    sink_agent_pool_name = "out"
    gcs_data_source {
      bucket_name = google_storage_bucket.weights.name
    }
    posix_data_sink {  # broken: egress-transfer-service
      root_directory = "/mnt/out"
    }
  }
}
