resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_policy" "weights" {
  bucket = aws_s3_bucket.weights.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TrainersRead"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/train" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.weights.arn}/*"
      },
      {
        Sid       = "Download"
        Effect    = "Allow"
        Principal = "*" # broken: access-no-public-principal
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.weights.arn}/*"
      },
    ]
  })
}
