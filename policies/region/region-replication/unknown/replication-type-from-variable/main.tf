variable "replication" {
  type = string
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = var.replication # unknown: region-replication
  tags                     = { mlsec-holds = "weights" }
}
