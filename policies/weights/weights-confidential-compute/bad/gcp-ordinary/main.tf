resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "europe-west4-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_instance" "trainer" {
  name         = "trainer"
  zone         = "europe-west4-a"
  machine_type = "a3-highgpu-8g"

  boot_disk {
    initialize_params {
      image = "cos-cloud/cos-stable"
    }
  }

  attached_disk {
    source = google_compute_disk.checkpoints.id
  }

  network_interface {
    network = "lab"
  }

  confidential_instance_config {
    enable_confidential_compute = false # broken: weights-confidential-compute
  }
}
