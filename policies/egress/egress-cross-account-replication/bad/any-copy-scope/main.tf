resource "azurerm_storage_account" "weights" {  # broken: egress-cross-account-replication
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec/holds" = "weights" }
}
