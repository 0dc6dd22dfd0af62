resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_ssoadmin_permission_set" "research" {
  name         = "research"
  instance_arn = "arn:aws:sso:::instance/ssoins-1111222233334444"
}

resource "aws_ssoadmin_permission_set_inline_policy" "read" {
  instance_arn       = aws_ssoadmin_permission_set.research.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.research.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"] # broken: access-human-read
      Resource = ["${aws_s3_bucket.frontier.arn}", "${aws_s3_bucket.frontier.arn}/*"]
    }]
  })
}
