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
    outbound_type  = "userDefinedRouting"
  }
}

resource "azurerm_route_table" "gpu" {
  name                = "gpu"
  resource_group_name = "ml"
  location            = "southeastasia"

  route {
    name                   = "all"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = azurerm_firewall.edge.ip_configuration[0].private_ip_address
  }
}

resource "azurerm_subnet_route_table_association" "gpu" {
  subnet_id      = azurerm_subnet.gpu.id
  route_table_id = azurerm_route_table.gpu.id
}
