# Subjects put together from claims, one of which names a repository.
resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_openid_connect_provider" "forge" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "workflow" {
  name = "workflow"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:sub" = "workflow:release:repo:lab/models:ref:refs/heads/main" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "workflow_reads" {
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "number" {
  name = "number"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:sub" = "repository_id:123456:environment:production" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "number_reads" {
  role = aws_iam_role.number.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "file" {
  name = "file"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "token.actions.githubusercontent.com:sub" = "job_workflow_ref:lab/automation/.github/workflows/release.yml@*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "file_reads" {
  role = aws_iam_role.file.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "immutable" {
  name = "immutable"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "token.actions.githubusercontent.com:sub" = "repo:lab@123/models@456:*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "immutable_reads" {
  role = aws_iam_role.immutable.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
