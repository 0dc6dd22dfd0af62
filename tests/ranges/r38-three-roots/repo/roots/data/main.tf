provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "slab" {
  for_each = toset(["granite", "slate"])
  bucket   = "quarrystone-${each.key}"
}
