variable "versioning" {
  type = string
}

variable "lock_mode" {
  type = string
}

resource "aws_s3_bucket" "released" {
  bucket              = "acme-released-checkpoints"
  object_lock_enabled = true
  tags                = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_versioning" "released" {
  bucket = aws_s3_bucket.released.id
  versioning_configuration {
    status = var.versioning # unknown: weights-immutable
  }
}

resource "aws_s3_bucket_object_lock_configuration" "released" {
  bucket = aws_s3_bucket.released.id
  rule {
    default_retention {
      mode = var.lock_mode # unknown: weights-immutable
      days = 365
    }
  }
}
