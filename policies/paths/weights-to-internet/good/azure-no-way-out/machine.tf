resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_network_interface" "trainer" {
  name                = "trainer"
  resource_group_name = "ml"
  location            = "southeastasia"

  ip_configuration {
    name                          = "internal"
    subnet_id                     = azurerm_subnet.gpu.id
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "trainer" {
  name                  = "trainer"
  resource_group_name   = "ml"
  location              = "southeastasia"
  size                  = "Standard_ND96isr_H100_v5"
  admin_username        = "azureuser"
  network_interface_ids = [azurerm_network_interface.trainer.id]

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.trainer.id]
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  custom_data = base64encode(<<-EOT
    #!/bin/bash
    accelerate launch sft.py --output_dir abfss://runs@acmeweights.dfs.core.windows.net/run7
  EOT
  )
}
