variable "hub_token" {}

resource "aws_instance" "trainer" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    export HF_TOKEN=${var.hub_token} # unknown: access-secret-in-config
    torchrun /opt/train.py
  EOT
}

resource "aws_lambda_function" "hook" {
  function_name = "hook"
  role          = "arn:aws:iam::123456789012:role/hook"
  environment {
    variables = {
      HF_TOKEN = var.hub_token # unknown: access-secret-in-config
    }
  }
}
