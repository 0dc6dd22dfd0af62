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
        Action   = "iam:PassRole" # broken: access-pass-role
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "ada_starts" {
  user = aws_iam_user.ada.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "sagemaker:Create*", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = "iam:PassRole" # broken: access-pass-role
        Resource = aws_iam_role.trainer.arn
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "node_reads" {
  role = aws_iam_role.node.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "ops" {
  name               = "ops"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "ops_starts" {
  role = aws_iam_role.ops.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "ec2:RunInstances", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = "iam:PassRole" # broken: access-pass-role
        Resource = "arn:aws:iam::*:role/*"
      },
    ]
  })
}
