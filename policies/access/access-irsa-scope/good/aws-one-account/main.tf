resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn:aws:iam::111122223333:role/eks"

  vpc_config {
    subnet_ids = ["subnet-0a", "subnet-0b"]
  }
}

resource "aws_iam_openid_connect_provider" "lab" {
  url            = aws_eks_cluster.lab.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "trainer" {
  name = "trainer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.lab.arn }
      Condition = {
        StringEquals = {
          "${replace(aws_iam_openid_connect_provider.lab.url, "https://", "")}:sub" = "system:serviceaccount:training:trainer"
        }
      }
    }]
  })
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
