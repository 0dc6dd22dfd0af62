provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "beijing"
  region = "cn-north-1" # broken: region-partition-mix
}

provider "azurerm" {
  features {}
  environment = "china" # broken: region-partition-mix
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_iam_policy" "sync" {
  name = "sync"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "arn:aws-cn:s3:::acme-beijing/*" # broken: region-partition-mix
    }]
  })
}
