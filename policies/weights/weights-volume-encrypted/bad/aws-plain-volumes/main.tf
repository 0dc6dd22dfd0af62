resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = false # broken: weights-volume-encrypted
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_efs_file_system" "checkpoints" { # broken: weights-volume-encrypted
  creation_token = "checkpoints"
}
