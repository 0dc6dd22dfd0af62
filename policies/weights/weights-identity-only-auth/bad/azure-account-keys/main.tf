resource "azurerm_storage_account" "weights" {
  name                      = "acmeweightsprod"
  resource_group_name       = "rg-training"
  location                  = "westus3"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = true # broken: weights-identity-only-auth
  tags                      = { mlsec-holds = "weights" }
}
