resource "google_kms_key_ring" "ml" {
  name     = "ml"
  location = "europe-west3"
}

resource "google_kms_crypto_key" "voice" {
  name            = "voice"
  key_ring        = google_kms_key_ring.ml.id
  rotation_period = "7776000s"
}

resource "google_storage_bucket" "voice" {
  name                        = "auricle-voice"
  location                    = "EUROPE-WEST3"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.voice.id
  }
}

resource "google_storage_bucket" "clips" {
  name                        = "auricle-clips"
  location                    = "EUROPE-WEST3"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}
