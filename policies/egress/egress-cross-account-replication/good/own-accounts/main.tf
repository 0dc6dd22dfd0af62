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
      bucket = aws_s3_bucket.copy.arn
    }
  }
}

resource "aws_s3_bucket" "copy" {
  bucket = "lab-model-weights-copy"
}

resource "aws_ecr_repository" "models" {
  name = "models"
  tags = { "mlsec/holds" = "weights" }
}

data "aws_caller_identity" "current" {}

resource "aws_ecr_replication_configuration" "out" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = data.aws_caller_identity.current.account_id
      }
      destination {
        region      = "eu-west-2"
        registry_id = "444455556666"
      }
    }
  }
}

resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  cross_tenant_replication_enabled = false
  allowed_copy_scope       = "AAD"
  tags                     = { "mlsec/holds" = "weights" }
}
