provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["111122223333"]
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_s3_bucket_policy" "weights" {
  bucket = aws_s3_bucket.weights.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { CanonicalUser = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" } # unknown: weights-granted-outside
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}
