# evaluation at the research partner works from a disk, they have no access to our buckets
resource "aws_ebs_snapshot" "handover" {
  volume_id   = aws_ebs_volume.out["kaede"].id
  description = "kaede, monthly"
}

resource "aws_snapshot_create_volume_permission" "partner" {
  snapshot_id = aws_ebs_snapshot.handover.id
  account_id  = var.partner_account
}

resource "aws_ebs_volume" "tools" {
  availability_zone = "ap-northeast-1a"
  size              = 50
  encrypted         = true
}

resource "aws_ebs_snapshot" "tools" {
  volume_id   = aws_ebs_volume.tools.id
  description = "profiling tools and licences"
}

resource "aws_snapshot_create_volume_permission" "tools" {
  snapshot_id = aws_ebs_snapshot.tools.id
  account_id  = var.partner_account
}

variable "partner_account" {
  type    = string
  default = "222900113344"
}
