resource "azurerm_storage_account" "checkpoints" {
  name                     = "labcheckpoints"
  resource_group_name      = "lab"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_virtual_network" "training" {
  name                = "training"
  location            = "westeurope"
  resource_group_name = "lab"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "compute" {
  name                            = "compute"
  resource_group_name             = "lab"
  virtual_network_name            = azurerm_virtual_network.training.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = false
}

resource "azurerm_machine_learning_workspace" "lab" {
  name                    = "lab"
  location                = "westeurope"
  resource_group_name     = "lab"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.checkpoints.id

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_compute_instance" "ada" { # broken: egress-notebook-internet
  name                          = "ada"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.lab.id
  virtual_machine_size          = "Standard_NC24ads_A100_v4"
  node_public_ip_enabled        = false
}
