resource "google_storage_bucket" "weights" {
  name     = "lab-model-weights"
  location = "EUROPE-WEST4"
}

resource "google_storage_transfer_job" "out" {
  description = "out"
  transfer_spec {
    gcs_data_source {
      bucket_name = google_storage_bucket.weights.name
    }
    gcs_data_sink {
      bucket_name = "vendor-dr"  # broken: egress-cross-account-replication
    }
  }
}
