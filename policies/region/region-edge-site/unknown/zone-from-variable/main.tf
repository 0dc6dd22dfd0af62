variable "zone" {
  type = string
}


resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = var.zone # unknown: region-edge-site
  labels = { "mlsec-holds" = "weights" }
}
