resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_user" "uploader" {
  name = "uploader"
}

resource "aws_iam_user_policy" "uploader" {
  user = aws_iam_user.uploader.name
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}

resource "aws_iam_access_key" "uploader" {
  user = aws_iam_user.uploader.name # broken: access-no-static-key
}
