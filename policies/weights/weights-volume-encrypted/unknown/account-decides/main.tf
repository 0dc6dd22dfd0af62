variable "encrypted" {
  type = bool
}

resource "aws_ebs_volume" "checkpoints" { # unknown: weights-volume-encrypted
  availability_zone = "eu-central-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_ebs_volume" "finals" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = var.encrypted # unknown: weights-volume-encrypted
  tags              = { "mlsec/holds" = "weights" }
}
