resource "azurerm_virtual_network" "training" {
  name                = "training"
  resource_group_name = "ml"
  location            = "southeastasia"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "gpu" {
  name                            = "gpu"
  resource_group_name             = "ml"
  virtual_network_name            = azurerm_virtual_network.training.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = false
  service_endpoints               = ["Microsoft.Storage"]
}

resource "azurerm_kubernetes_cluster" "gpu" {
  name                      = "gpu"
  resource_group_name       = "ml"
  location                  = "southeastasia"
  dns_prefix                = "gpu"
  workload_identity_enabled = true
  oidc_issuer_enabled       = true

  default_node_pool {
    name           = "gpu"
    vm_size        = "Standard_ND96isr_H100_v5"
    node_count     = 2
    vnet_subnet_id = azurerm_subnet.gpu.id
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin = "azure"
    network_policy = "azure"
    outbound_type  = "none"
  }
}
