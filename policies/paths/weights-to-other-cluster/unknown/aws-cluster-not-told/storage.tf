resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}
