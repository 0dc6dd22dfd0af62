terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-3"
}

resource "aws_ecr_repository" "this" {
  for_each             = toset(["serve/bundle", "tools/lint"])
  name                 = each.key
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_ecr_replication_configuration" "this" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-3"
        registry_id = "966677778888"
      }
      repository_filter {
        filter      = "serve/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
