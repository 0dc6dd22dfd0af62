terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "ca-central-1"
}

module "store" {
  source   = "../../modules/store"
  for_each = toset(["basin", "delta"])
  name     = "orrery-${each.key}"
}

module "partner" {
  source = "../../modules/partner"
  for_each = {
    annotate = module.store["delta"].arn
    evaluate = module.store["basin"].arn
  }
  name    = each.key
  bucket  = each.value
  account = "977788889999"
}
