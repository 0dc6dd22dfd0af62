# The pair of Southeast Asia (Singapore) is East Asia (Hong Kong).
resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "GRS" # broken: region-replication
  tags                     = { mlsec-holds = "weights" }
}
