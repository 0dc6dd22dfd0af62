resource "azurerm_storage_account" "weights" {
  name                            = "acmeweightsprod"
  resource_group_name             = "rg-training"
  location                        = "westus3"
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  allow_nested_items_to_be_public = true # broken: weights-no-public-access
  public_network_access_enabled   = false
  tags                            = { mlsec-holds = "weights" }
}

resource "azurerm_storage_container" "released" {
  name                  = "released"
  storage_account_id    = azurerm_storage_account.weights.id
  container_access_type = "blob" # broken: weights-no-public-access
}
