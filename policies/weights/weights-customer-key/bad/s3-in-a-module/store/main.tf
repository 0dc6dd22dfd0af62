variable "name" {
  type = string
}

variable "algorithm" {
  type    = string
  default = "AES256"
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = var.algorithm # broken: weights-customer-key
    }
  }
}
