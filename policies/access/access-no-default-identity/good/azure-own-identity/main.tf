resource "azurerm_kubernetes_cluster" "lab" {
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "ml"
  dns_prefix          = "lab"

  workload_identity_enabled = true
  oidc_issuer_enabled       = true

  default_node_pool {
    name       = "gpu"
    vm_size    = "Standard_ND96isr_H100_v5"
    node_count = 2
  }

  identity {
    type = "SystemAssigned"
  }
}
