resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_efs_file_system" "checkpoints" {
  creation_token = "checkpoints"
  encrypted      = true
}

resource "aws_fsx_lustre_file_system" "checkpoints" {
  storage_capacity = 12000
  subnet_ids       = ["subnet-1"]
  tags             = { "mlsec/holds" = "weights" }
}
