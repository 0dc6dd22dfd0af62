provider "aws" {
  region = "us-west-2"
}

variable "readers" {
  type = string
}

resource "aws_sagemaker_model_package_group" "frontier" {
  model_package_group_name = "frontier"
}

resource "aws_sagemaker_model_package_group_policy" "frontier" {
  model_package_group_name = aws_sagemaker_model_package_group.frontier.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = var.readers } # unknown: weights-registry-private
        Action    = "sagemaker:DescribeModelPackage"
        Resource  = "*"
      },
    ]
  })
}
