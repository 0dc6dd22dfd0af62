resource "azurerm_kubernetes_cluster" "lab" {
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "ml"
  dns_prefix          = "lab"

  network_profile {
    network_plugin = "azure"
    network_policy = "calico"
  }

  default_node_pool {
    name       = "gpu"
    vm_size    = "Standard_ND96isr_H100_v5"
    node_count = 2
  }

  identity {
    type = "SystemAssigned"
  }
}
