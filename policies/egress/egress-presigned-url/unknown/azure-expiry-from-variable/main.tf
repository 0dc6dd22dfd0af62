variable "expiry" {
  type = string
}

resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"

  tags = {
    mlsec-holds = "weights"
  }
}

data "azurerm_storage_account_sas" "partner" {
  connection_string = azurerm_storage_account.weights.primary_connection_string
  https_only        = true
  start             = "2026-01-01T00:00:00Z"
  expiry            = var.expiry # unknown: egress-presigned-url
}
