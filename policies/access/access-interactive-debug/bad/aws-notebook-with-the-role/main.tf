resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

data "aws_iam_policy_document" "sagemaker" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "research" {
  name               = "research"
  assume_role_policy = data.aws_iam_policy_document.sagemaker.json
}

resource "aws_iam_role_policy" "read" {
  role = aws_iam_role.research.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = [aws_s3_bucket.frontier.arn, "${aws_s3_bucket.frontier.arn}/*"]
    }]
  })
}

resource "aws_sagemaker_notebook_instance" "lab" { # broken: access-interactive-debug
  name          = "lab"
  role_arn      = aws_iam_role.research.arn
  instance_type = "ml.t3.xlarge"
}
