variable "block_public" {
  type        = bool
  description = "Set per environment by the deployment pipeline"
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-frontier-checkpoints"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_public_access_block" "checkpoints" {
  bucket                  = aws_s3_bucket.checkpoints.id
  block_public_acls       = true
  block_public_policy     = var.block_public # unknown: weights-no-public-access
  ignore_public_acls      = true
  restrict_public_buckets = true
}
