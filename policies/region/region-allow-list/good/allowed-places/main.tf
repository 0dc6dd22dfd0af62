provider "aws" {
  region = "eu-west-2"
}

provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

# Lies elsewhere and holds no weights.
resource "aws_s3_bucket" "docs" {
  provider = aws.frankfurt
  bucket   = "acme-public-docs"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "US-CENTRAL1"
  labels   = { mlsec-holds = "weights" }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "norwayeast"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec-holds = "weights" }
}
