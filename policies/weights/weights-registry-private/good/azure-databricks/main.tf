resource "azurerm_databricks_workspace" "models" {
  name                         = "models"
  resource_group_name          = "lab"
  location                     = "westeurope"
  sku                          = "premium"
  customer_managed_key_enabled = true
  public_network_access_enabled = false
  tags = { "mlsec-holds" = "weights" }
}
