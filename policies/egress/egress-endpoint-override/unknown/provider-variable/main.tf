variable "s3" {
  type = string
}

provider "aws" {
  region = "eu-central-1"
  endpoints {
    s3 = var.s3  # unknown: egress-endpoint-override
  }
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}
