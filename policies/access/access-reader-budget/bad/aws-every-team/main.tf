resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

variable "teams" {
  default = ["pretrain", "posttrain", "evals", "serving", "safety", "data", "product", "sales", "support"]
}

data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "team" {
  for_each           = toset(var.teams)
  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.ec2.json
}

resource "aws_iam_role_policy" "read" {
  for_each = aws_iam_role.team
  role     = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject" # broken: access-reader-budget
      Resource = "${aws_s3_bucket.frontier.arn}/*"
    }]
  })
}
