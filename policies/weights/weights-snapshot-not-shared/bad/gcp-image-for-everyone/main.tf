resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "europe-west4-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_image" "serving" {
  name        = "serving"
  source_disk = google_compute_disk.checkpoints.id
}

resource "google_compute_image_iam_member" "everyone" {
  image  = google_compute_image.serving.name
  role   = "roles/compute.imageUser"
  member = "allAuthenticatedUsers" # broken: weights-snapshot-not-shared
}
