locals {
  issuer = "oidc.eks.us-east-1.amazonaws.com/id/A1B2C3D4E5F60718293A4B5C6D7E8F90"
  pods = {
    trainer = { namespace = "train", buckets = ["alder-weights"] }
    courier = { namespace = "release", buckets = ["alder-weights", "brindle-intake"] }
  }
}

resource "aws_iam_role" "pod" {
  for_each = local.pods
  name     = "alder-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::905117726640:oidc-provider/${local.issuer}" }
      Condition = {
        StringEquals = {
          "${local.issuer}:sub" = "system:serviceaccount:${each.value.namespace}:${each.key}"
          "${local.issuer}:aud" = "sts.amazonaws.com"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "pod" {
  for_each = local.pods
  role     = aws_iam_role.pod[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
      Resource = flatten([for b in each.value.buckets : ["arn:aws:s3:::${b}", "arn:aws:s3:::${b}/*"]])
    }]
  })
}
