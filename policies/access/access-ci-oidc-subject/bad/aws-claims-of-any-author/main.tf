# Subjects that a repository of anybody may have: their claims are what its author sets.
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
        StringEquals = { "token.actions.githubusercontent.com:sub" = "workflow:release" } # broken: access-ci-oidc-subject
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

resource "aws_iam_role" "environment" {
  name = "environment"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:sub" = "environment:production:ref:refs/heads/main" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "environment_reads" {
  role = aws_iam_role.environment.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "actor" {
  name = "actor"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:sub" = "actor:maintainer" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "actor_reads" {
  role = aws_iam_role.actor.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "owner" {
  name = "owner"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:sub" = "repository_owner:lab:environment:production" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "owner_reads" {
  role = aws_iam_role.owner.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "any_file" {
  name = "any_file"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringLike = { "token.actions.githubusercontent.com:sub" = "job_workflow_ref:lab/*" } # broken: access-ci-oidc-subject
      }
    }]
  })
}

resource "aws_iam_role_policy" "any_file_reads" {
  role = aws_iam_role.any_file.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
