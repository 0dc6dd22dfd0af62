# New buckets block public access since 2023-04.
resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-frontier-checkpoints"
  tags   = { "mlsec/holds" = "weights" }
}
