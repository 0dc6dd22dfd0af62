resource "google_storage_transfer_job" "nightly" {
  description = "nightly copy of the checkpoints"
  project     = "acme-ml"

  transfer_spec {
    gcs_data_source {
      bucket_name = google_storage_bucket.weights.name
    }

    gcs_data_sink {
      bucket_name = "acme-ckpt-mirror" # broken: weights-copied-outside
    }
  }
}
