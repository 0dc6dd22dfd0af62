provider "azurerm" {
  features {}
}

data "azurerm_client_config" "current" {}

resource "azurerm_resource_group" "aml" {
  name     = "rg-plover-aml"
  location = var.location
}

resource "azurerm_application_insights" "aml" {
  name                = "appi-plover"
  location            = azurerm_resource_group.aml.location
  resource_group_name = azurerm_resource_group.aml.name
  application_type    = "web"
}

resource "azurerm_key_vault" "aml" {
  name                     = "kv-plover-aml"
  location                 = azurerm_resource_group.aml.location
  resource_group_name      = azurerm_resource_group.aml.name
  tenant_id                = data.azurerm_client_config.current.tenant_id
  sku_name                 = "premium"
  purge_protection_enabled = true
}

resource "azurerm_machine_learning_workspace" "main" {
  name                          = "mlw-plover"
  location                      = azurerm_resource_group.aml.location
  resource_group_name           = azurerm_resource_group.aml.name
  application_insights_id       = azurerm_application_insights.aml.id
  key_vault_id                  = azurerm_key_vault.aml.id
  storage_account_id            = azurerm_storage_account.workspace.id
  public_network_access_enabled = false

  identity {
    type = "SystemAssigned"
  }

  managed_network {
    isolation_mode = "AllowOnlyApprovedOutbound"
  }
}

resource "azurerm_machine_learning_workspace_network_outbound_rule_fqdn" "approved" {
  for_each         = var.approved_hosts
  name             = each.key
  workspace_id     = azurerm_machine_learning_workspace.main.id
  destination_fqdn = each.value
}
