terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

data "azurerm_client_config" "current" {}

data "azurerm_subscription" "current" {}

resource "azurerm_key_vault" "shared" {
  name                = "acme-shared"
  location            = "westeurope"
  resource_group_name = "lab"
  tenant_id           = data.azurerm_client_config.current.tenant_id
  sku_name            = "premium"
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = azurerm_key_vault.shared.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_key_vault_key" "tickets" {
  name         = "tickets"
  key_vault_id = azurerm_key_vault.shared.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_key_vault_access_policy" "tickets" {
  key_vault_id    = azurerm_key_vault.shared.id
  tenant_id       = data.azurerm_client_config.current.tenant_id
  object_id       = "11111111-2222-3333-4444-555555555555"
  key_permissions = ["Get", "UnwrapKey"] # broken: weights-key-separation
}

resource "azurerm_key_vault" "own" {
  name                       = "acme-own"
  location                   = "westeurope"
  resource_group_name        = "lab"
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "premium"
  rbac_authorization_enabled = true
}

resource "azurerm_key_vault_key" "finals" {
  name         = "finals"
  key_vault_id = azurerm_key_vault.own.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_role_assignment" "platform" {
  scope                = data.azurerm_subscription.current.id
  role_definition_name = "Key Vault Crypto User" # broken: weights-key-separation
  principal_id         = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_storage_account" "finals" {
  name                     = "acmefinals"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.finals.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/store"
  }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.weights.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/store"
  }
}
