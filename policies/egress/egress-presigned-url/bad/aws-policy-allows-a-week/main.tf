resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_s3_bucket_policy" "weights" {
  bucket = aws_s3_bucket.weights.id
  policy = jsonencode({
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.weights.arn}/*"
      Condition = {
        NumericGreaterThan = { "s3:signatureAge" = 604800000 } # broken: egress-presigned-url
      }
    }]
  })
}
