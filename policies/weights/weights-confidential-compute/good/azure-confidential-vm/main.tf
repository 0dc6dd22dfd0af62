resource "azurerm_managed_disk" "checkpoints" {
  name                  = "checkpoints"
  location              = "westeurope"
  resource_group_name   = "lab"
  storage_account_type  = "Premium_LRS"
  create_option         = "Empty"
  disk_size_gb          = 4096
  network_access_policy = "DenyAll"
  tags                  = { "mlsec-holds" = "weights" }
}

resource "azurerm_virtual_machine_data_disk_attachment" "checkpoints" {
  managed_disk_id    = azurerm_managed_disk.checkpoints.id
  virtual_machine_id = azurerm_linux_virtual_machine.inference.id
  lun                = 1
  caching            = "None"
}

resource "azurerm_linux_virtual_machine" "inference" {
  name                  = "inference"
  location              = "westeurope"
  resource_group_name   = "lab"
  size                  = "Standard_NCC40ads_H100_v5"
  admin_username        = "lab"
  vtpm_enabled          = true
  secure_boot_enabled   = true
  network_interface_ids = ["/subscriptions/0/resourceGroups/lab/providers/Microsoft.Network/networkInterfaces/inference"]

  os_disk {
    caching                  = "ReadWrite"
    storage_account_type     = "Premium_LRS"
    security_encryption_type = "DiskWithVMGuestState"
  }
}
