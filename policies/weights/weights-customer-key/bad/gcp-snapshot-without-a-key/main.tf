# Possible: whether a snapshot takes the key of its disk is not documented.
resource "google_compute_disk" "weights" {
  name   = "weights"
  zone   = "europe-west4-a"
  labels = { mlsec-holds = "weights" }

  disk_encryption_key {
    kms_key_self_link = "projects/lab/locations/europe-west4/keyRings/ml/cryptoKeys/weights"
  }
}

resource "google_compute_snapshot" "weights" { # broken: weights-customer-key
  name              = "weights"
  source_disk       = google_compute_disk.weights.id
  storage_locations = ["europe-west4"]
}
