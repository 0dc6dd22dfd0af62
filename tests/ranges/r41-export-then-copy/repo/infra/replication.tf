data "aws_iam_policy_document" "s3_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "replication" {
  name               = "s3-dr"
  assume_role_policy = data.aws_iam_policy_document.s3_trust.json
}

data "aws_iam_policy_document" "replication" {
  statement {
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [for k, _ in var.dr : aws_s3_bucket.this[k].arn]
  }
  statement {
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = [for k, _ in var.dr : "${aws_s3_bucket.this[k].arn}/*"]
  }
  statement {
    actions   = ["s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner"]
    resources = [for d in var.dr : "${d.bucket_arn}/*"]
  }
}

resource "aws_iam_role_policy" "replication" {
  name   = "dr"
  role   = aws_iam_role.replication.id
  policy = data.aws_iam_policy_document.replication.json
}

resource "aws_s3_bucket_replication_configuration" "dr" {
  for_each   = var.dr
  depends_on = [aws_s3_bucket_versioning.this]
  bucket     = aws_s3_bucket.this[each.key].id
  role       = aws_iam_role.replication.arn

  rule {
    id     = "all"
    status = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket        = each.value.bucket_arn
      account       = each.value.account
      storage_class = "GLACIER_IR"
      access_control_translation {
        owner = "Destination"
      }
    }
  }
}
