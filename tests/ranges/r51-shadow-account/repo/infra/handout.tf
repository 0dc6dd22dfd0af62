# the evaluation vendor downloads by link
data "azurerm_storage_account_blob_container_sas" "vendor" {
  connection_string = azurerm_storage_account.store["adapters"].primary_connection_string
  container_name    = azurerm_storage_container.store["adapters"].name
  https_only        = true
  start             = "2025-01-01"
  expiry            = "2027-12-31"

  permissions {
    read   = true
    add    = false
    create = false
    write  = false
    delete = false
    list   = true
  }
}

data "azurerm_storage_account_blob_container_sas" "prompts" {
  connection_string = azurerm_storage_account.store["prompts"].primary_connection_string
  container_name    = azurerm_storage_container.store["prompts"].name
  https_only        = true
  start             = "2025-01-01"
  expiry            = "2027-12-31"

  permissions {
    read   = true
    add    = false
    create = false
    write  = false
    delete = false
    list   = true
  }
}

output "vendor_link" {
  value     = "${azurerm_storage_account.store["adapters"].primary_blob_endpoint}adapters${data.azurerm_storage_account_blob_container_sas.vendor.sas}"
  sensitive = true
}
