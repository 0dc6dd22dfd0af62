resource "azurerm_storage_account" "weights" {
  name                       = "labweights"
  resource_group_name        = "ml"
  location                   = "westeurope"
  account_tier               = "Standard"
  account_replication_type   = "ZRS"
  https_traffic_only_enabled = false  # broken: integrity-insecure-transport
  tags                       = { "mlsec/holds" = "weights" }
}

resource "azurerm_storage_account" "checkpoints" {
  name                     = "labcheckpoints"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  min_tls_version          = "TLS1_0"  # broken: integrity-insecure-transport
  tags                     = { "mlsec/holds" = "weights" }
}
