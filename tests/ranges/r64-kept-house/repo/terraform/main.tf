terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.90" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = [var.account_id]
}

provider "aws" {
  alias  = "replica"
  region = "eu-central-1"
}

variable "account_id" {
  type    = string
  default = "729910443851"
}

variable "publish_mirror" {
  type    = bool
  default = false
}

variable "partner_account" {
  type    = string
  default = "118822337744"
}
