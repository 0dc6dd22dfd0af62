resource "aws_batch_job_definition" "pretrain" {
  name = "pretrain"
  type = "container"
  container_properties = <<-JSON
    {
      "image": "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170",
      "command": ["torchrun", "train.py", "--output_dir", "/ckpt/run"],
      "resourceRequirements": [{"type": "GPU", "value": "8"}],
      "volumes": [{"name": "nvme", "host": {"sourcePath": "/mnt/nvme"}}],
      "mountPoints": [{"sourceVolume": "nvme", "containerPath": "/ckpt"}]
    }
  JSON
}
