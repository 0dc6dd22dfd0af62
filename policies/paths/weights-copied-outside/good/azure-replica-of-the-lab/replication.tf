resource "azurerm_storage_object_replication" "runs" {
  source_storage_account_id      = azurerm_storage_account.weights.id
  destination_storage_account_id = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/far/providers/Microsoft.Storage/storageAccounts/acmefar"

  rules {
    source_container_name      = "runs"
    destination_container_name = "runs"
  }
}
