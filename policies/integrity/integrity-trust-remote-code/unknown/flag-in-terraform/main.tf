variable "trust" {}

resource "aws_instance" "trainer" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    torchrun train.py --output_dir /ckpt --trust_remote_code=${var.trust} # unknown: integrity-trust-remote-code
  EOT
}
