# The switch only allows a key; none is set.
resource "azurerm_databricks_workspace" "models" { # broken: weights-customer-key
  name                         = "models"
  resource_group_name          = "lab"
  location                     = "westeurope"
  sku                          = "premium"
  customer_managed_key_enabled = true
  tags = { "mlsec-holds" = "weights" }
}
