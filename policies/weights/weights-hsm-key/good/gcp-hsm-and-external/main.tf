resource "google_kms_key_ring" "lab" {
  name     = "lab"
  location = "europe-west4"
}

resource "google_kms_crypto_key" "weights" {
  for_each = toset(["HSM", "EXTERNAL_VPC"])
  name     = "weights-${lower(each.key)}"
  key_ring = google_kms_key_ring.lab.id

  version_template {
    algorithm        = each.key == "HSM" ? "GOOGLE_SYMMETRIC_ENCRYPTION" : "EXTERNAL_SYMMETRIC_ENCRYPTION"
    protection_level = each.key
  }
}

resource "google_storage_bucket" "weights" {
  for_each = toset(["HSM", "EXTERNAL_VPC"])
  name     = "acme-weights-${lower(each.key)}"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights[each.key].id
  }
}
