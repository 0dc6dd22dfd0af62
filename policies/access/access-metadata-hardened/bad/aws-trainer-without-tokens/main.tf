resource "aws_ebs_volume" "weights" {
  availability_zone = "eu-central-1a"
  size              = 2000
  encrypted         = true
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_instance" "trainer" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "p5.48xlarge"
  availability_zone    = "eu-central-1a"
  iam_instance_profile = "trainer"

  metadata_options {
    http_tokens = "optional" # broken: access-metadata-hardened
  }
}

resource "aws_volume_attachment" "weights" {
  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.weights.id
  instance_id = aws_instance.trainer.id
}
