resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "asia-east2" # broken: region-deny-list
  labels   = { mlsec-holds = "weights" }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "eastasia" # broken: region-deny-list
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec-holds = "weights" }
}
