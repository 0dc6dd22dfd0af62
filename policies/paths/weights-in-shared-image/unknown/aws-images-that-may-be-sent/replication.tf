resource "aws_ecr_replication_configuration" "all" {
  count = var.send ? 1 : 0

  replication_configuration {
    rule {
      destination {
        region      = "us-east-1"
        registry_id = "444455556666" # unknown: weights-in-shared-image
      }
    }
  }
}

variable "send" {
  type = bool
}
