resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "europe-west4-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}
