resource "azurerm_virtual_network" "this" {
  name                = "vnet-alder"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  address_space       = ["10.70.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                            = "snet-nodes"
  resource_group_name             = azurerm_resource_group.this.name
  virtual_network_name            = azurerm_virtual_network.this.name
  address_prefixes                = ["10.70.0.0/20"]
  service_endpoints               = ["Microsoft.Storage"]
  service_endpoint_policy_ids     = [azurerm_subnet_service_endpoint_storage_policy.own.id]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet_service_endpoint_storage_policy" "own" {
  name                = "sep-own"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location

  definition {
    name              = "own"
    service_resources = [for a in azurerm_storage_account.store : a.id]
  }
}
