resource "azurerm_storage_account" "weights" {
  name                      = "acmeweightsprod"
  resource_group_name       = "rg-training"
  location                  = "westus3"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
  local_user_enabled        = false
  tags                      = { mlsec-holds = "weights" }
}
