variable "environments" {
  type = map(object({ block = bool }))
  default = {
    prod = { block = true }
    demo = { block = false }
  }
}

resource "aws_s3_bucket" "weights" {
  for_each = var.environments
  bucket   = "acme-weights-${each.key}"
  tags     = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_public_access_block" "weights" {
  for_each                = var.environments
  bucket                  = aws_s3_bucket.weights[each.key].id
  block_public_acls       = true
  block_public_policy     = each.value.block # broken: weights-no-public-access
  ignore_public_acls      = true
  restrict_public_buckets = true
}
