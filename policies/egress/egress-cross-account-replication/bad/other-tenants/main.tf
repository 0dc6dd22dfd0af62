resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  cross_tenant_replication_enabled = true  # broken: egress-cross-account-replication
  allowed_copy_scope       = "AAD"
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_storage_object_replication" "out" {
  source_storage_account_id      = azurerm_storage_account.weights.id
  destination_storage_account_id = "/subscriptions/0f0f0f0f-1111-2222-3333-444455556666/resourceGroups/dr/providers/Microsoft.Storage/storageAccounts/vendordr"  # broken: egress-cross-account-replication
  rules {
    source_container_name      = "w"
    destination_container_name = "w"
  }
}
