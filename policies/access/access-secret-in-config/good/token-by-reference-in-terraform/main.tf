data "aws_secretsmanager_secret_version" "hub" {
  secret_id = "hub-token"
}

resource "aws_instance" "trainer" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    export HF_TOKEN=$(aws secretsmanager get-secret-value --secret-id hub-token --query SecretString --output text)
    torchrun /opt/train.py
  EOT
}

resource "aws_ecs_task_definition" "eval" {
  family = "eval"
  container_definitions = jsonencode([{
    name  = "eval"
    image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    secrets = [
      { name = "HF_TOKEN", valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub" },
    ]
  }])
}

resource "kubernetes_secret_v1" "hub" {
  metadata {
    name = "hub"
  }
  data = {
    HF_TOKEN = data.aws_secretsmanager_secret_version.hub.secret_string
  }
}
