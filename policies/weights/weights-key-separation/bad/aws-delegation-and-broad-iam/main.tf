resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints; the default policy delegates to IAM"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn
    }
  }
}

data "aws_iam_policy_document" "developers" {
  statement {
    actions   = ["s3:GetObject", "kms:Decrypt"] # broken: weights-key-separation
    resources = ["*"]
  }
}

resource "aws_iam_policy" "developers" {
  name   = "developers"
  policy = data.aws_iam_policy_document.developers.json
}

resource "aws_iam_role_policy_attachment" "ci" {
  role       = "ci"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess" # broken: weights-key-separation
}

resource "aws_cloudwatch_log_group" "requests" {
  name       = "/inference/requests"
  kms_key_id = aws_kms_key.weights.arn # broken: weights-key-separation
}
