provider "aws" {
  region = "eu-central-1"
  endpoints {
    s3 = "https://bucket.vpce-0a1b2c3d.s3.eu-central-1.vpce.amazonaws.com"
  }
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}
