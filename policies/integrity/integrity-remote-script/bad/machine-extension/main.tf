resource "azurerm_linux_virtual_machine" "trainer" {
  name           = "trainer"
  size           = "Standard_ND96isr_H100_v5"
  location       = "westeurope"
  admin_username = "ops"
}

resource "azurerm_virtual_machine_extension" "setup" {
  name                 = "setup"
  virtual_machine_id   = azurerm_linux_virtual_machine.trainer.id
  publisher            = "Microsoft.Azure.Extensions"
  type                 = "CustomScript"
  type_handler_version = "2.1"
  settings = jsonencode({
    fileUris         = ["https://raw.githubusercontent.com/someone/setup/main/gpu.sh"]  # broken: integrity-remote-script
    commandToExecute = "bash gpu.sh"
  })
}
