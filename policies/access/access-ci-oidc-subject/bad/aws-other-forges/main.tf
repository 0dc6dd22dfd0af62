resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_openid_connect_provider" "forge" {
  url            = "https://gitlab.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_openid_connect_provider" "terraform" {
  url            = "https://app.terraform.io"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_openid_connect_provider" "circle" {
  url            = "https://oidc.circleci.com/org/6f1b"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "gitlab" {
  name = "gitlab"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "gitlab.com:sub" = "project_path:lab/*" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "gitlab_reads" {
  role = aws_iam_role.gitlab.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "planner" {
  name = "planner"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.terraform.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "app.terraform.io:sub" = "organization:lab:*" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "planner_reads" {
  role = aws_iam_role.planner.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "builder" {
  name = "builder"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.circle.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "oidc.circleci.com/org/6f1b:sub" = "org/6f1b/*" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "builder_reads" {
  role = aws_iam_role.builder.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
