variable "project" {
  type    = string
  default = "quarry-ml"
}

variable "stages" {
  type = map(object({
    location = string
  }))
  default = {
    dev  = { location = "US-CENTRAL1" }
    prod = { location = "US-CENTRAL1" }
  }
}

provider "google" {
  project = var.project
  region  = "us-central1"
}

resource "google_kms_key_ring" "ml" {
  name     = "ml"
  location = "us-central1"
}

resource "google_kms_crypto_key" "ckpt" {
  name            = "ckpt"
  key_ring        = google_kms_key_ring.ml.id
  rotation_period = "7776000s"
}

resource "google_storage_bucket" "ckpt" {
  for_each                    = var.stages
  name                        = "quarry-ckpt-${each.key}"
  location                    = each.value.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.ckpt.id
  }
}

resource "google_storage_bucket" "site" {
  name     = "quarry-model-docs"
  location = "US"
  website {
    main_page_suffix = "index.html"
  }
}

resource "google_storage_bucket_iam_member" "site_public" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
