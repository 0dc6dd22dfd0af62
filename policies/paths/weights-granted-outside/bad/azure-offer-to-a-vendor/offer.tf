resource "azurerm_lighthouse_definition" "vendor" {
  name               = "vendor"
  managing_tenant_id = "22222222-2222-2222-2222-222222222222"
  scope              = "/subscriptions/00000000-0000-0000-0000-000000000000"

  authorization {
    principal_id       = "11111111-1111-1111-1111-111111111111"
    role_definition_id = "b24988ac-6180-42a0-ab88-20f7382dd24c" # broken: weights-granted-outside
  }
}

resource "azurerm_lighthouse_assignment" "vendor" {
  scope                    = azurerm_resource_group.ml.id
  lighthouse_definition_id = azurerm_lighthouse_definition.vendor.id
}
