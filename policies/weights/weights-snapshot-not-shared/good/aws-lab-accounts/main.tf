resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_ebs_snapshot" "checkpoints" {
  volume_id = aws_ebs_volume.checkpoints.id
}

resource "aws_snapshot_create_volume_permission" "serving" {
  snapshot_id = aws_ebs_snapshot.checkpoints.id
  account_id  = "111122223333"
}

resource "aws_ebs_snapshot_block_public_access" "on" {
  state = "block-all-sharing"
}

resource "aws_ami_from_instance" "serving" {
  name               = "serving"
  source_instance_id = "i-0123456789abcdef0"
  tags               = { "mlsec/holds" = "weights" }
}

resource "aws_ami_launch_permission" "organisation" {
  image_id         = aws_ami_from_instance.serving.id
  organization_arn = "arn:aws:organizations::111122223333:organization/o-acme"
}
