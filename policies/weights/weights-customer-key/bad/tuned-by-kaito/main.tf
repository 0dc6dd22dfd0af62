resource "azurerm_container_registry" "lab" {  # broken: weights-customer-key
  name                = "labmodels"
  location            = "westeurope"
  resource_group_name = "ml"
  sku                 = "Premium"
}
