resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "europe-west4"
  project  = "acme-lab"
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = google_kms_key_ring.weights.id
}

resource "google_storage_bucket" "weights" {
  name     = "acme-frontier-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "google_service_account" "trainer" {
  account_id = "trainer"
}

resource "google_kms_crypto_key_iam_member" "trainer" {
  crypto_key_id = google_kms_crypto_key.weights.id
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "serviceAccount:${google_service_account.trainer.email}"
}

# the ring holds this key alone
resource "google_kms_key_ring_iam_member" "storage" {
  key_ring_id = google_kms_key_ring.weights.id
  role        = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member      = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com"
}

resource "google_project_iam_member" "other_project" {
  project = "acme-web"
  role    = "roles/cloudkms.cryptoKeyDecrypter"
  member  = "serviceAccount:web@acme-web.iam.gserviceaccount.com"
}
