# An omitted argument of the block is sent as false: weaker than no resource at all.
resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights-eval"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_public_access_block" "weights" { # broken: weights-no-public-access
  bucket            = aws_s3_bucket.weights.id
  block_public_acls = true
}
