resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "europe-west4" # broken: region-allow-list
  labels   = { mlsec-holds = "weights" }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "Norway East" # broken: region-allow-list
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec-holds = "weights" }
}
