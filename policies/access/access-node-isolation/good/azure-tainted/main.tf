resource "azurerm_kubernetes_cluster" "lab" {
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

resource "azurerm_kubernetes_cluster_node_pool" "gpu" {
  name                  = "train"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.lab.id
  vm_size               = "Standard_ND96isr_H100_v5"
  node_labels           = { "acme.example/pool" = "train" }
  node_taints           = ["dedicated=weights:NoSchedule"]
}
