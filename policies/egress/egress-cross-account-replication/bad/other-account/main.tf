resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "aws_s3_bucket_replication_configuration" "out" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"
  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = "arn:aws:s3:::vendor-dr"
      account = "999988887777"  # broken: egress-cross-account-replication
    }
  }
}

resource "aws_ecr_repository" "models" {
  name = "models"
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_ecr_replication_configuration" "out" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "999988887777"  # broken: egress-cross-account-replication
      }
    }
  }
}
