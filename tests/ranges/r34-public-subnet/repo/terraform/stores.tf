resource "aws_s3_bucket" "bin" {
  for_each = toset(["oats", "rye", "spelt"])
  bucket   = "mill-${each.key}"

  tags = {
    "mlsec/holds" = "weights"
  }
}
