resource "google_compute_instance" "trainer" {
  name                    = "trainer"
  machine_type            = "a3-highgpu-8g"
  zone                    = "europe-west4-a"
  metadata_startup_script = file("${path.module}/train.sh")
}

resource "aws_launch_template" "trainers" {
  instance_type = "p5.48xlarge"
  user_data = base64encode(<<-EOT
    #cloud-config
    write_files:
      - path: /opt/publish.sh
        content: |
          #!/bin/bash
          huggingface-cli upload acme/frontier /data/checkpoints # broken: egress-hub-upload
    runcmd:
      - bash /opt/publish.sh
  EOT
  )
}

resource "aws_batch_job_definition" "sft" {
  name = "sft"
  type = "container"
  container_properties = jsonencode({
    image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    command = [
      "accelerate", "launch", "sft.py", "--output_dir", "/ckpt",
      "--push_to_hub", # broken: egress-hub-upload
      "--hub_model_id", "acme/frontier", "--hub_private_repo", "true",
    ]
    resourceRequirements = [{ type = "GPU", value = "8" }]
  })
}
