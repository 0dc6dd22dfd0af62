resource "google_kms_key_ring" "lab" {
  name     = "lab"
  location = "europe-west4"
}

resource "google_kms_crypto_key" "weights" { # broken: weights-hsm-key
  name     = "weights"
  key_ring = google_kms_key_ring.lab.id
}

resource "google_kms_crypto_key" "finals" {
  name     = "finals"
  key_ring = google_kms_key_ring.lab.id

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "SOFTWARE" # broken: weights-hsm-key
  }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-frontier-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_storage_bucket" "finals" {
  name     = "acme-final-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.finals.id
  }
}
