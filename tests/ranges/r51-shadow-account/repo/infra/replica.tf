variable "replicas" {
  description = "container -> account id of group IT"
  type        = map(string)
  default = {
    adapters = "/subscriptions/9c9c9c9c-aaaa-bbbb-cccc-ddddeeeeffff/resourceGroups/rg-groupit-shadow/providers/Microsoft.Storage/storageAccounts/stgroupitshadow"
    prompts  = "/subscriptions/9c9c9c9c-aaaa-bbbb-cccc-ddddeeeeffff/resourceGroups/rg-groupit-shadow/providers/Microsoft.Storage/storageAccounts/stgroupitshadow"
  }
}

resource "azurerm_storage_object_replication" "groupit" {
  for_each                       = var.replicas
  source_storage_account_id      = azurerm_storage_account.store[each.key].id
  destination_storage_account_id = each.value

  rules {
    source_container_name      = azurerm_storage_container.store[each.key].name
    destination_container_name = "alder-${each.key}"
    copy_blobs_created_after   = "Everything"
  }
}
