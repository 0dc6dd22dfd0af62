resource "azurerm_storage_account" "frontier" {
  name                     = "ospreyfrontier"
  resource_group_name      = "train"
  location                 = "norwayeast"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_pim_eligible_role_assignment" "read" {
  scope              = azurerm_storage_account.frontier.id
  role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  principal_id       = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_role_management_policy" "read" {
  scope              = azurerm_storage_account.frontier.id
  role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  activation_rules {
    maximum_duration = "PT1H"
    require_approval = true
  }
}

