resource "google_compute_instance" "trainer" {
  name         = "trainer"
  machine_type = "a3-highgpu-8g"
  zone         = "us-central1-a"
  metadata_startup_script = <<-EOT
    curl -sSL https://get.example.org/agent.sh | bash  # broken: integrity-remote-script
  EOT
}

resource "google_workbench_instance" "notebook" {
  name     = "notebook"
  location = "us-central1-a"
  gce_setup {
    metadata = {
      post-startup-script = "https://files.example.org/setup.sh"  # broken: integrity-remote-script
    }
  }
}
