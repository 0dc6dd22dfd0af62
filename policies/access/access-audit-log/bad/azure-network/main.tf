resource "azurerm_virtual_network" "train" { # broken: access-audit-log
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

resource "azurerm_kubernetes_cluster" "train" {
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

resource "azurerm_monitor_diagnostic_setting" "train" {
  name               = "audit"
  target_resource_id = azurerm_kubernetes_cluster.train.id
  storage_account_id = var.audit_account
  enabled_log {
    category = "kube-audit"
  }
}

variable "audit_account" {
  type = string
}
