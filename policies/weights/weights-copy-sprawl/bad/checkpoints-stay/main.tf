resource "google_storage_bucket" "checkpoints" { # broken: weights-copy-sprawl
  name     = "acme-checkpoints"
  location = "US-WEST1"

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age = 30
    }
  }
}
