resource "azurerm_lighthouse_definition" "vendor" {
  name               = "vendor"
  managing_tenant_id = "22222222-2222-2222-2222-222222222222"
  scope              = "/subscriptions/00000000-0000-0000-0000-000000000000"

  authorization {
    principal_id       = "11111111-1111-1111-1111-111111111111"
    role_definition_id = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  }
}

resource "azurerm_lighthouse_assignment" "vendor" {
  scope                    = azurerm_resource_group.ml.id
  lighthouse_definition_id = azurerm_lighthouse_definition.vendor.id
}
