resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = "projects/acme-lab/locations/europe-west4/keyRings/lab"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-frontier-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_storage_bucket" "versioned" {
  name     = "acme-versioned-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }
}

resource "google_filestore_instance" "checkpoints" {
  name                        = "checkpoints"
  location                    = "europe-west4-a"
  tier                        = "ZONAL"
  deletion_protection_enabled = true
  labels                      = { "mlsec-holds" = "weights" }

  file_shares {
    name        = "checkpoints"
    capacity_gb = 10240
  }

  networks {
    network = "lab"
    modes   = ["MODE_IPV4"]
  }
}
