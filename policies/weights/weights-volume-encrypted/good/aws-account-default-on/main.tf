resource "aws_kms_key" "disks" {
  description = "Seals every disk of the region"
}

resource "aws_ebs_encryption_by_default" "on" {}

resource "aws_ebs_default_kms_key" "disks" {
  key_arn = aws_kms_key.disks.arn
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}
