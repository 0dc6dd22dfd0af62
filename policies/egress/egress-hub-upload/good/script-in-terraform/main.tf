resource "google_compute_instance" "trainer" {
  name                    = "trainer"
  machine_type            = "a3-highgpu-8g"
  zone                    = "europe-west4-a"
  metadata_startup_script = <<-EOT
    #!/bin/bash
    accelerate launch sft.py --output_dir /data/checkpoints --push_to_hub false --hub_model_id acme/frontier
  EOT
}
