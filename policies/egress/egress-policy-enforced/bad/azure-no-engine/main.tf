resource "azurerm_kubernetes_cluster" "lab" { # broken: egress-policy-enforced
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "ml"
  dns_prefix          = "lab"

  default_node_pool {
    name       = "gpu"
    vm_size    = "Standard_ND96isr_H100_v5"
    node_count = 2
  }

  identity {
    type = "SystemAssigned"
  }
}
