provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "us-west-2a"
  size              = 4096
  encrypted         = true
  tags = {
    "mlsec/holds" = "weights"
    Snapshot      = "true"
  }
}

resource "aws_ebs_snapshot" "checkpoints" {
  volume_id = aws_ebs_volume.checkpoints.id
}

resource "aws_ebs_snapshot_copy" "far" {
  provider           = aws.hk
  source_snapshot_id = aws_ebs_snapshot.checkpoints.id # broken: region-backup-copy
  source_region      = "us-west-2"
}

resource "aws_dlm_lifecycle_policy" "nightly" {
  description        = "nightly"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Snapshot = "true" }

    schedule {
      name = "nightly"
      create_rule {
        interval = 24
      }
      retain_rule {
        count = 7
      }
      cross_region_copy_rule {
        target    = "ap-east-1" # broken: region-backup-copy
        encrypted = true
        retain_rule {
          interval      = 1
          interval_unit = "MONTHS"
        }
      }
    }
  }
}
