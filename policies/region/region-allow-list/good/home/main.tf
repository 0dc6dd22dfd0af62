# The home of the lab.

provider "aws" {
  region = "us-east-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}
