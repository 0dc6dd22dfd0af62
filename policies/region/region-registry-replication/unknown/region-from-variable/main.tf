provider "aws" {
  region = "us-west-2"
}

variable "second_region" {
  type = string
}

resource "aws_ecr_repository" "serving" {
  name = "llm-serving"
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = var.second_region # unknown: region-registry-replication
        registry_id = "111122223333"
      }
    }
  }
}
