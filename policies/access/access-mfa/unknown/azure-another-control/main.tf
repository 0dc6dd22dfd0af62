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

resource "azuread_group" "research" {
  display_name     = "research"
  security_enabled = true
}

resource "azurerm_role_assignment" "research" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azuread_group.research.object_id
}

resource "azuread_conditional_access_policy" "factor" { # unknown: access-mfa
  display_name = "second factor"
  state        = "enabled"

  conditions {
    client_app_types = ["all"]

    applications {
      included_applications = ["All"]
    }

    users {
      included_groups = [azuread_group.research.object_id]
    }
  }

  grant_controls {
    operator          = "OR"
    built_in_controls = ["mfa", "compliantDevice"]
  }
}
