provider "aws" { # broken: egress-service-perimeter
  region = "eu-central-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_organizations_policy" "trails" {
  name = "trails"
  content = jsonencode({
    Statement = [{
      Effect   = "Deny"
      Action   = "cloudtrail:StopLogging"
      Resource = "*"
    }]
  })
}
