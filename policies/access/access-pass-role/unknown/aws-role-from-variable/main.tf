variable "pass_to" {
  type = string
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "sagemaker.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "trainer_reads" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "ci_starts" {
  role = aws_iam_role.ci.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "sagemaker:CreateTrainingJob", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = "iam:PassRole" # unknown: access-pass-role
        Resource = var.pass_to
      },
    ]
  })
}
