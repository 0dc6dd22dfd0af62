resource "azurerm_virtual_network" "train" {
  name                = "train"
  resource_group_name = "train"
  location            = "norwayeast"
  address_space       = ["10.8.0.0/16"]
}

resource "azurerm_subnet" "train" {
  name                 = "train"
  resource_group_name  = "train"
  virtual_network_name = azurerm_virtual_network.train.name
  address_prefixes     = ["10.8.1.0/24"]
}

resource "azurerm_kubernetes_cluster" "train" { # broken: access-audit-log
  name                = "train"
  location            = "norwayeast"
  resource_group_name = "train"
  dns_prefix          = "train"
  default_node_pool {
    name           = "gpu"
    node_count     = 2
    vm_size        = "Standard_ND96isr_H100_v5"
    vnet_subnet_id = azurerm_subnet.train.id
  }
  identity {
    type = "SystemAssigned"
  }
}

resource "kubernetes_job_v1" "sft" {
  metadata {
    name      = "sft"
    namespace = "train"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name    = "sft"
          image   = "registry.osprey.example/sft:9"
          command = ["python", "train.py", "--output_dir", "abfss://frontier@ospreyfrontier.dfs.core.windows.net/checkpoints"]
          resources {
            limits = { "nvidia.com/gpu" = 8 }
          }
        }
      }
    }
  }
}

resource "azurerm_network_watcher_flow_log" "train" {
  name                 = "train"
  network_watcher_name = "NetworkWatcher_norwayeast"
  resource_group_name  = "NetworkWatcherRG"
  target_resource_id   = azurerm_virtual_network.train.id
  storage_account_id   = var.audit_account
  enabled              = true
  retention_policy {
    enabled = true
    days    = 400
  }
}

variable "audit_account" {
  type = string
}

