resource "google_compute_instance" "trainer" {
  name = "trainer"
  machine_type = "a3-highgpu-8g"
  zone = "us-central1-a"
  metadata_startup_script = <<-EOT
    #!/bin/bash
    scp -r /ckpt ops@mirror.example.org:/data  # broken: egress-upload-command
  EOT
}
