provider "aws" {
  region = "us-west-2"
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

resource "aws_iam_role" "cutter" {
  for_each           = toset(["granite", "slate"])
  name               = "cutter-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.ec2.json
}

data "aws_s3_bucket" "slab" {
  for_each = aws_iam_role.cutter
  bucket   = "quarrystone-${each.key}"
}

resource "aws_iam_role_policy" "cutter" {
  for_each = aws_iam_role.cutter
  role     = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${data.aws_s3_bucket.slab[each.key].arn}/*"
    }]
  })
}

resource "aws_iam_instance_profile" "cutter" {
  for_each = aws_iam_role.cutter
  name     = "cutter-${each.key}"
  role     = each.value.name
}
