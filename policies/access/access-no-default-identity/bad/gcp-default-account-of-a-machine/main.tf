resource "google_compute_disk" "weights" {
  name   = "weights"
  zone   = "europe-west4-a"
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_instance" "trainer" {
  name         = "trainer"
  machine_type = "a3-highgpu-8g"
  zone         = "europe-west4-a"

  boot_disk {
    source = google_compute_disk.weights.id
  }

  network_interface {
    network = "lab"
  }

  service_account { # broken: access-no-default-identity
    scopes = ["cloud-platform"]
  }
}
