provider "aws" {
  region = "us-west-2"
}

resource "aws_ecr_repository" "serving" {
  name                 = "serving"
  image_tag_mutability = "IMMUTABLE"
}
