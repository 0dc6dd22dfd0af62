resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "us-east-1"
        registry_id = "444455556666" # broken: weights-in-shared-image
      }
    }
  }
}
