provider "aws" {
  region = "us-west-2"

  default_tags {
    tags = { "mlsec/holds" = "weights" }
  }
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
}

resource "google_storage_bucket" "checkpoints" {
  name     = "acme-checkpoints"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}
