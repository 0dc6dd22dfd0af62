resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lab/providers/Microsoft.KeyVault/vaults/lab"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["unwrapKey", "wrapKey"]
}

resource "azurerm_disk_encryption_set" "weights" {
  name                = "weights"
  location            = "westeurope"
  resource_group_name = "lab"
  key_vault_key_id    = azurerm_key_vault_key.weights.id
  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_managed_disk" "weights" {
  name                   = "weights"
  location               = "westeurope"
  resource_group_name    = "lab"
  storage_account_type   = "Premium_LRS"
  create_option          = "Empty"
  disk_size_gb           = 512
  disk_encryption_set_id = azurerm_disk_encryption_set.weights.id
  tags                   = { "mlsec-holds" = "weights" }
}

resource "azurerm_linux_virtual_machine" "trainer" {
  name                       = "trainer"
  location                   = "westeurope"
  resource_group_name        = "lab"
  size                       = "Standard_NC24ads_A100_v4"
  admin_username             = "lab"
  network_interface_ids      = []
  encryption_at_host_enabled = true
  os_disk {
    caching                = "None"
    storage_account_type   = "Premium_LRS"
    disk_encryption_set_id = azurerm_disk_encryption_set.weights.id
  }
}

resource "azurerm_virtual_machine_data_disk_attachment" "weights" {
  managed_disk_id    = azurerm_managed_disk.weights.id
  virtual_machine_id = azurerm_linux_virtual_machine.trainer.id
  lun                = 0
  caching            = "None"
}

# A snapshot has the disk encryption set of its disk.
resource "azurerm_snapshot" "weights" {
  name                = "weights"
  location            = "westeurope"
  resource_group_name = "lab"
  create_option       = "Copy"
  source_uri          = azurerm_managed_disk.weights.id
}

resource "azurerm_recovery_services_vault" "backups" {
  name                = "backups"
  location            = "westeurope"
  resource_group_name = "lab"
  sku                 = "Standard"
  storage_mode_type   = "ZoneRedundant"

  identity {
    type = "SystemAssigned"
  }

  encryption {
    key_id                            = azurerm_key_vault_key.weights.id
    infrastructure_encryption_enabled = true
  }
}

resource "azurerm_backup_protected_vm" "trainer" {
  resource_group_name = "lab"
  recovery_vault_name = azurerm_recovery_services_vault.backups.name
  source_vm_id        = azurerm_linux_virtual_machine.trainer.id
}
