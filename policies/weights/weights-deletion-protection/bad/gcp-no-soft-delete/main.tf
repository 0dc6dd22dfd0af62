resource "google_kms_crypto_key" "weights" {
  name                       = "weights"
  key_ring                   = "projects/acme-lab/locations/europe-west4/keyRings/lab"
  destroy_scheduled_duration = "86400s" # broken: weights-deletion-protection
}

resource "google_storage_bucket" "weights" {
  name          = "acme-frontier-weights"
  location      = "EUROPE-WEST4"
  force_destroy = true # broken: weights-deletion-protection
  labels        = { "mlsec-holds" = "weights" }

  soft_delete_policy {
    retention_duration_seconds = 0 # broken: weights-deletion-protection
  }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_filestore_instance" "checkpoints" { # broken: weights-deletion-protection
  name     = "checkpoints"
  location = "europe-west4-a"
  tier     = "ZONAL"
  labels   = { "mlsec-holds" = "weights" }

  file_shares {
    name        = "checkpoints"
    capacity_gb = 10240
  }

  networks {
    network = "lab"
    modes   = ["MODE_IPV4"]
  }
}
