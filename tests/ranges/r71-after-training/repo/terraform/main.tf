terraform {
  required_providers {
    coreweave = {
      source  = "coreweave/coreweave"
      version = "~> 0.5"
    }
  }
}

provider "coreweave" {}

variable "zone" {
  type    = string
  default = "US-EAST-04A"
}

resource "coreweave_object_storage_bucket" "runs" {
  name = "cairn-runs"
  zone = var.zone
}

resource "coreweave_object_storage_bucket" "tokens" {
  name = "cairn-model-tokens"
  zone = var.zone
}

resource "coreweave_object_storage_bucket_policy" "tokens" {
  bucket = coreweave_object_storage_bucket.tokens.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EveryTeam"
      Effect    = "Allow"
      Principal = { CW = "*" }
      Action    = ["s3:GetObject"]
      Resource  = ["arn:aws:s3:::cairn-model-tokens/*"]
    }]
  })
}
