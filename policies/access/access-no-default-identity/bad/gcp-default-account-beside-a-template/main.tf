resource "google_compute_disk" "weights" {
  name   = "weights"
  zone   = "europe-west4-a"
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_instance_from_template" "trainer" {
  name                     = "trainer"
  zone                     = "europe-west4-a"
  source_instance_template = "projects/acme-ml/global/instanceTemplates/trainer"

  attached_disk {
    source = google_compute_disk.weights.id
  }

  service_account {
    scopes = ["cloud-platform"]
    email  = "123456789-compute@developer.gserviceaccount.com" # broken: access-no-default-identity
  }
}
