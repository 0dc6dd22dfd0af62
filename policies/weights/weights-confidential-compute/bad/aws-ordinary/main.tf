resource "aws_kms_key" "weights" { # broken: weights-confidential-compute
  description = "Seals the checkpoints"
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  kms_key_id        = aws_kms_key.weights.arn
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_instance" "trainer" { # broken: weights-confidential-compute
  ami           = "ami-0123456789abcdef0"
  instance_type = "p5.48xlarge"
}

resource "aws_volume_attachment" "checkpoints" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.checkpoints.id
  instance_id = aws_instance.trainer.id
}
