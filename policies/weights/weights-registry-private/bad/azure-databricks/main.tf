resource "azurerm_databricks_workspace" "models" { # broken: weights-registry-private
  name                         = "models"
  resource_group_name          = "lab"
  location                     = "westeurope"
  sku                          = "premium"
  customer_managed_key_enabled = true
  tags = { "mlsec-holds" = "weights" }
}
