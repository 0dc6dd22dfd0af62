resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "gpu" {
  name                     = "gpu"
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.0.0.0/20"
  region                   = "europe-west4"
  private_ip_google_access = true
}

resource "google_service_account" "trainer" {
  account_id = "trainer"
  project    = "acme-ml"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectUser"
  member = google_service_account.trainer.member
}

resource "google_compute_instance" "trainer" {
  name         = "trainer"
  machine_type = "a3-highgpu-8g"
  zone         = "europe-west4-a"

  network_interface {
    subnetwork = google_compute_subnetwork.gpu.id
  }

  service_account {
    email  = google_service_account.trainer.email
    scopes = ["cloud-platform"]
  }

  metadata_startup_script = <<-EOT
    #!/bin/bash
    accelerate launch sft.py --output_dir gs://acme-weights/run7
  EOT
}
