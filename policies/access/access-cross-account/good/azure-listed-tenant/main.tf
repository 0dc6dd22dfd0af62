resource "azurerm_resource_group" "lab" {
  name     = "lab"
  location = "westeurope"
}

resource "azurerm_storage_account" "checkpoints" {
  name                      = "labcheckpoints"
  resource_group_name       = azurerm_resource_group.lab.name
  location                  = "westeurope"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
  tags                      = { "mlsec-holds" = "weights" }
}

resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_lighthouse_definition" "vendor" {
  name               = "vendor"
  managing_tenant_id = "22222222-2222-2222-2222-222222222222"
  scope              = "/subscriptions/00000000-0000-0000-0000-000000000000"

  authorization {
    principal_id       = "11111111-1111-1111-1111-111111111111"
    role_definition_id = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
  }
}

resource "azurerm_lighthouse_assignment" "vendor" {
  scope                    = azurerm_resource_group.lab.id
  lighthouse_definition_id = azurerm_lighthouse_definition.vendor.id
}
