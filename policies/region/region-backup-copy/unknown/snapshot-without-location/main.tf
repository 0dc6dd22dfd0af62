resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "us-central1-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_snapshot" "before_release" {
  name        = "before-release"
  source_disk = google_compute_disk.checkpoints.id # unknown: region-backup-copy
}
