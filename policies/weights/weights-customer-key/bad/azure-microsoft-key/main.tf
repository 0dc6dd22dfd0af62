resource "azurerm_storage_account" "weights" { # broken: weights-customer-key
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { mlsec-holds = "weights" }
}
