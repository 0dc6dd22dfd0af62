resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_iam_role" "trainer" {
  name = "trainer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
    }]
  })
}

resource "aws_eks_pod_identity_association" "trainer" {
  cluster_name    = "lab"
  namespace       = "training"
  service_account = "trainer"
  role_arn        = aws_iam_role.trainer.arn
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
