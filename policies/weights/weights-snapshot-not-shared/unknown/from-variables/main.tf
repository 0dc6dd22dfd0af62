variable "group" {
  type = string
}

variable "account" {
  type = string
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_ebs_snapshot" "checkpoints" {
  volume_id = aws_ebs_volume.checkpoints.id
}

resource "aws_snapshot_create_volume_permission" "other" {
  snapshot_id = aws_ebs_snapshot.checkpoints.id
  account_id  = var.account # unknown: weights-snapshot-not-shared
}

resource "aws_ami" "serving" {
  name                = "serving"
  virtualization_type = "hvm"
  root_device_name    = "/dev/xvda"

  ebs_block_device {
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.checkpoints.id
  }
}

resource "aws_ami_launch_permission" "everyone" {
  image_id = aws_ami.serving.id
  group    = var.group # unknown: weights-snapshot-not-shared
}
