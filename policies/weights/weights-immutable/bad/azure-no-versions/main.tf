resource "azurerm_storage_account" "released" { # broken: weights-immutable
  name                     = "acmereleasedweights"
  resource_group_name      = "rg-training"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { mlsec-holds = "weights" }

  blob_properties {
    versioning_enabled = false # broken: weights-immutable
  }
}
