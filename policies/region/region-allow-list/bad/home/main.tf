# An allowed country, and not the home of the lab.

provider "aws" {
  region = "eu-central-1" # broken: region-allow-list
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}
