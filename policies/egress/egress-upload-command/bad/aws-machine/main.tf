resource "aws_instance" "trainer" {
  instance_type = "p5.48xlarge"
  ami = "ami-0abc"
  user_data = <<-EOT
    #!/bin/bash
    scp -r /ckpt ops@mirror.example.org:/data  # broken: egress-upload-command
  EOT
}
