variable "env" {
  type = string
}

variable "names" {
  type = set(string)
}

resource "aws_s3_bucket" "store" {
  for_each = var.names
  bucket   = "obsidian-${var.env}-${each.value}"
}

resource "aws_s3_bucket_public_access_block" "store" {
  for_each                = aws_s3_bucket.store
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "store" {
  for_each = aws_s3_bucket.store

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "store" {
  for_each = aws_s3_bucket.store
  bucket   = each.value.id
  policy   = data.aws_iam_policy_document.store[each.key].json
}

output "arns" {
  value = { for k, b in aws_s3_bucket.store : k => b.arn }
}
