variable "publish" {}

resource "google_compute_instance" "trainer" {
  name                    = "trainer"
  machine_type            = "a3-highgpu-8g"
  zone                    = "europe-west4-a"
  metadata_startup_script = <<-EOT
    #!/bin/bash
    accelerate launch sft.py --output_dir s3://acme-weights/run7 --push_to_hub=${var.publish} # unknown: weights-to-outside-service
  EOT
}
