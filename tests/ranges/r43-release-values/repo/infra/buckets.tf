locals {
  envs = toset(["dev", "staging", "prod"])
}

resource "aws_s3_bucket" "align" {
  for_each = local.envs
  bucket   = "larkspur-align-${each.key}"
}

resource "aws_s3_bucket_public_access_block" "align" {
  for_each                = aws_s3_bucket.align
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "dashboards" {
  bucket = "larkspur-tensorboard-models"
}
