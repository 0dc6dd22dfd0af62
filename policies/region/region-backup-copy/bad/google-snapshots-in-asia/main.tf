provider "google" {
  project = "acme"
  region  = "us-central1"
}

resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "us-central1-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_snapshot" "before_release" {
  name              = "before-release"
  source_disk       = google_compute_disk.checkpoints.self_link
  storage_locations = ["asia-east2"] # broken: region-backup-copy
}

resource "google_compute_resource_policy" "nightly" {
  name = "nightly"

  snapshot_schedule_policy {
    schedule {
      daily_schedule {
        days_in_cycle = 1
        start_time    = "04:00"
      }
    }
    snapshot_properties {
      storage_locations = ["asia-east2"] # broken: region-backup-copy
    }
  }
}

resource "google_compute_disk_resource_policy_attachment" "nightly" {
  name = google_compute_resource_policy.nightly.name
  disk = google_compute_disk.checkpoints.name
  zone = "us-central1-a"
}
