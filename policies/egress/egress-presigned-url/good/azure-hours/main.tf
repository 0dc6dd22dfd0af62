resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"

  sas_policy {
    expiration_period = "00.08:00:00"
  }

  tags = {
    mlsec-holds = "weights"
  }
}

data "azurerm_storage_account_sas" "partner" {
  connection_string = azurerm_storage_account.weights.primary_connection_string
  https_only        = true
  start             = "2026-01-01T00:00:00Z"
  expiry            = "2026-01-01T06:00:00Z"
}
