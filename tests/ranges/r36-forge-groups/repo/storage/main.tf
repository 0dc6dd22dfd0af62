provider "aws" {
  region = "eu-central-1"
}

resource "aws_s3_bucket" "petal" {
  for_each = toset(["nightly", "release"])
  bucket   = "orchid-${each.key}"
}
