resource "aws_iam_user" "researcher" {
  name = "researcher"
}

resource "aws_iam_user_policy" "researcher" {
  user = aws_iam_user.researcher.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject" # broken: weights-to-people
      Resource = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}
