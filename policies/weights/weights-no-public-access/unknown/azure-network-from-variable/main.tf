variable "public_network" {
  type = bool
}

resource "azurerm_storage_account" "weights" {
  name                            = "acmeweightsprod"
  resource_group_name             = "rg-training"
  location                        = "westus3"
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = var.public_network # unknown: weights-no-public-access

  tags = { mlsec-holds = "weights" }
}
