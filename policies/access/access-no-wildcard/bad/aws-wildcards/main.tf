resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "actions" {
  name               = "actions"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "actions" {
  role = aws_iam_role.actions.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:*" # broken: access-no-wildcard
      Resource = ["${aws_s3_bucket.checkpoints.arn}", "${aws_s3_bucket.checkpoints.arn}/*"]
    }]
  })
}

resource "aws_iam_role" "objects" {
  name               = "objects"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

data "aws_iam_policy_document" "objects" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"] # broken: access-no-wildcard
  }
}

resource "aws_iam_role_policy" "objects" {
  role   = aws_iam_role.objects.id
  policy = data.aws_iam_policy_document.objects.json
}

resource "aws_iam_role" "admin" {
  name               = "admin"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess" # broken: access-no-wildcard
}

resource "aws_iam_user" "ops" {
  name = "ops"
}

resource "aws_iam_user_policy" "ops" {
  user = aws_iam_user.ops.name
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      NotAction = ["iam:*", "organizations:*"] # broken: access-no-wildcard
      Resource  = "*"
    }]
  })
}
