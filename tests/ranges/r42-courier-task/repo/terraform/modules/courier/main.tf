variable "name" {
  type = string
}

variable "source_arn" {
  type = string
}

variable "prefix" {
  type = string
}

variable "server" {
  type = string
}

variable "bucket_name" {
  type = string
}

variable "agent_arns" {
  type = list(string)
}

data "aws_ssm_parameter" "secret" {
  name = "/couriers/${var.name}/secret"
}

data "aws_ssm_parameter" "key" {
  name = "/couriers/${var.name}/key"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["datasync.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reader" {
  name               = "courier-${var.name}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = var.source_arn },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectTagging"], Resource = "${var.source_arn}${var.prefix}*" },
    ]
  })
}

resource "aws_datasync_location_s3" "from" {
  s3_bucket_arn = var.source_arn
  subdirectory  = var.prefix

  s3_config {
    bucket_access_role_arn = aws_iam_role.reader.arn
  }
}

resource "aws_datasync_location_object_storage" "to" {
  agent_arns      = var.agent_arns
  server_hostname = var.server
  server_protocol = "HTTPS"
  bucket_name     = var.bucket_name
  access_key      = data.aws_ssm_parameter.key.value
  secret_key      = data.aws_ssm_parameter.secret.value
}

resource "aws_datasync_task" "this" {
  name                     = "courier-${var.name}"
  source_location_arn      = aws_datasync_location_s3.from.arn
  destination_location_arn = aws_datasync_location_object_storage.to.arn

  schedule {
    schedule_expression = "cron(0 4 ? * SUN *)"
  }
}
