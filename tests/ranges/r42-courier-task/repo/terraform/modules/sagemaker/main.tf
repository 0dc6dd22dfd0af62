data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "train" {
  name               = "vision-train-${var.env}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "train" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.out_arn}/*"]
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${var.frames_arn}/*"]
  }
}

resource "aws_iam_role_policy" "train" {
  role   = aws_iam_role.train.id
  policy = data.aws_iam_policy_document.train.json
}

resource "aws_iam_role" "studio" {
  name               = "vision-studio-${var.env}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "studio" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [var.frames_arn, "${var.frames_arn}/*"]
  }
}

resource "aws_iam_role_policy" "studio" {
  role   = aws_iam_role.studio.id
  policy = data.aws_iam_policy_document.studio.json
}

resource "aws_sagemaker_domain" "studio" {
  domain_name             = "vision-${var.env}"
  auth_mode               = "SSO"
  vpc_id                  = var.vpc_id
  subnet_ids              = var.subnet_ids
  app_network_access_type = var.domain_mode

  default_user_settings {
    execution_role = aws_iam_role.studio.arn
  }
}

resource "aws_security_group" "train" {
  name   = "sagemaker-train"
  vpc_id = var.vpc_id
}

output "train_role_arn" {
  value = aws_iam_role.train.arn
}
