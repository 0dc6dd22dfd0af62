resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights-prod"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights-eu"
  location = "EU"
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}
