resource "google_kms_key_ring" "lab" {
  name     = "lab"
  location = "europe-west4"
  project  = "acme-lab"
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = google_kms_key_ring.lab.id
}

resource "google_kms_crypto_key" "logs" {
  name     = "logs"
  key_ring = google_kms_key_ring.lab.id
}

resource "google_storage_bucket" "weights" {
  name     = "acme-frontier-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_project_iam_member" "storage" {
  project = "acme-lab"
  role    = "roles/cloudkms.cryptoKeyEncrypterDecrypter" # broken: weights-key-separation
  member  = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com"
}

resource "google_kms_key_ring_iam_binding" "loggers" {
  key_ring_id = google_kms_key_ring.lab.id
  role        = "roles/cloudkms.cryptoKeyDecrypter" # broken: weights-key-separation
  members     = ["serviceAccount:logs@acme-lab.iam.gserviceaccount.com"]
}

resource "google_kms_crypto_key_iam_binding" "everyone_here" {
  crypto_key_id = google_kms_crypto_key.weights.id
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  members = [
    "serviceAccount:trainer@acme-lab.iam.gserviceaccount.com",
    "domain:acme.example", # broken: weights-key-separation
  ]
}
