resource "google_kms_key_ring" "models" {
  name     = "models"
  location = "europe-west1"
}

resource "google_kms_crypto_key" "models" {
  name            = "models"
  key_ring        = google_kms_key_ring.models.id
  rotation_period = "7776000s"
  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "HSM"
  }
}

resource "google_storage_bucket" "released" {
  name                        = "quartzite-released"
  location                    = "EUROPE-WEST1"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }
  encryption {
    default_kms_key_name = google_kms_crypto_key.models.id
  }
}

resource "google_storage_bucket" "mirror" {
  name                        = "quartzite-released-mirror"
  location                    = "EUROPE-WEST1"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.models.id
  }
}

resource "google_storage_transfer_job" "mirror" {
  description = "second copy for the other serving cell"

  transfer_spec {
    gcs_data_source {
      bucket_name = google_storage_bucket.released.name
    }
    gcs_data_sink {
      bucket_name = google_storage_bucket.mirror.name
    }
  }

  schedule {
    schedule_start_date {
      year  = 2025
      month = 2
      day   = 1
    }
  }
}

resource "google_storage_bucket" "cards" {
  name     = "quartzite-model-cards"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "cards_public" {
  bucket = google_storage_bucket.cards.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
