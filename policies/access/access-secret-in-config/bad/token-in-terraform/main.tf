resource "aws_instance" "trainer" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    export HF_TOKEN=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 # broken: access-secret-in-config
    torchrun /opt/train.py
  EOT
}

resource "aws_launch_template" "trainers" {
  instance_type = "p4d.24xlarge"
  user_data     = base64encode(templatefile("${path.module}/boot.sh.tftpl", { run = "a" }))
}

resource "aws_ecs_task_definition" "eval" {
  family = "eval"
  container_definitions = jsonencode([{
    name  = "eval"
    image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    environment = [
      { name = "HF_TOKEN", value = "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" }, # broken: access-secret-in-config
    ]
  }])
}

resource "aws_lambda_function" "hook" {
  function_name = "hook"
  role          = "arn:aws:iam::123456789012:role/hook"
  environment {
    variables = {
      HF_TOKEN = "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" # broken: access-secret-in-config
    }
  }
}

resource "google_compute_instance" "trainer" {
  name         = "trainer"
  machine_type = "a3-highgpu-8g"
  zone         = "europe-west4-a"
  metadata = {
    hf-token       = "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" # broken: access-secret-in-config
    startup-script = <<-EOT
      #!/bin/bash
      huggingface-cli login --token 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 # broken: access-secret-in-config
    EOT
  }
}

resource "azurerm_container_group" "server" {
  name                = "server"
  location            = "westeurope"
  resource_group_name = "ml"
  os_type             = "Linux"
  container {
    name   = "server"
    image  = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    cpu    = 1
    memory = 4
    environment_variables = {
      HF_TOKEN = "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" # broken: access-secret-in-config
    }
  }
}

resource "kubernetes_secret_v1" "hub" {
  metadata {
    name = "hub"
  }
  data = {
    HF_TOKEN = "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" # broken: access-secret-in-config
  }
}

resource "helm_release" "mlflow" {
  name       = "mlflow"
  repository = "https://community-charts.github.io/helm-charts"
  chart      = "mlflow"
  set_sensitive {
    name  = "artifactRoot.s3.awsSecretAccessKey"
    value = "q7HnT2vKx9LmZc4RbWfYp8DgJs3AeUo6NiVtQy5M" # broken: access-secret-in-config
  }
}
