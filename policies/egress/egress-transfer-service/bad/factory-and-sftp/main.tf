resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  sftp_enabled             = true  # broken: egress-transfer-service
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_data_factory" "etl" {
  name                   = "etl"
  location               = "westeurope"
  resource_group_name    = "ml"
  public_network_enabled = true  # broken: egress-transfer-service
}

resource "azurerm_data_factory_linked_service_data_lake_storage_gen2" "weights" {
  name            = "weights"
  data_factory_id = azurerm_data_factory.etl.id
  url             = azurerm_storage_account.weights.primary_dfs_endpoint
}

resource "azurerm_data_factory_linked_service_sftp" "partner" {
  name                = "partner"
  data_factory_id     = azurerm_data_factory.etl.id
  authentication_type = "Basic"
  host                = "sftp.example.org"  # broken: egress-transfer-service
  port                = 22
  username            = "lab"
}
