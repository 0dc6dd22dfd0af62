locals {
  services = { oats = "ecs-tasks", rye = "ecs-tasks", spelt = "lambda" }
}

resource "aws_iam_role" "runner" {
  for_each = local.services
  name     = "mill-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${each.value}.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "runner" {
  for_each = local.services
  role     = aws_iam_role.runner[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::mill-${each.key}/*"
    }]
  })
}
