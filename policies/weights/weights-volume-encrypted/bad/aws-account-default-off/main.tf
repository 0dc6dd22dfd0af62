resource "aws_ebs_encryption_by_default" "off" {
  enabled = false # broken: weights-volume-encrypted
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}
