provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
}

resource "aws_s3_bucket_lifecycle_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id

  rule {
    id     = "old-checkpoints"
    status = "Enabled"
    filter {
      prefix = "checkpoints/"
    }
    expiration {
      days = 30
    }
  }
}

resource "aws_s3_bucket" "replica" {
  bucket = "acme-frontier-replica"
}

resource "aws_s3_bucket_replication_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"

  rule {
    id     = "a"
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.replica.arn
    }
  }
}

resource "azurerm_storage_account" "runs" {
  name                     = "acmeruns"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}

resource "azurerm_storage_management_policy" "runs" {
  storage_account_id = azurerm_storage_account.runs.id

  rule {
    name    = "old"
    enabled = true
    filters {
      blob_types = ["blockBlob"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 30
      }
    }
  }
}
