provider "aws" {
  region = "eu-central-1"
  endpoints {
    s3 = "https://s3.example.org"  # broken: egress-endpoint-override
  }
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}
