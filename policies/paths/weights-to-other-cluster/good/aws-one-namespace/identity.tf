data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = aws_iam_openid_connect_provider.each

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.value.arn]
      }

      condition {
        test     = "StringEquals"
        variable = "${replace(statement.value.url, "https://", "")}:sub"
        values   = ["system:serviceaccount:train:trainer"]
      }
    }
  }
}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "trainer" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}

resource "kubernetes_service_account_v1" "trainer" {
  provider = kubernetes.prod

  metadata {
    name      = "trainer"
    namespace = "train"
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role.trainer.arn
    }
  }
}
