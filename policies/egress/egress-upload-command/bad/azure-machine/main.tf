resource "azurerm_linux_virtual_machine" "trainer" {
  name = "trainer"
  size = "Standard_ND96isr_H100_v5"
  location = "westeurope"
  admin_username = "ops"
  custom_data = base64encode(<<-EOT
    #!/bin/bash
    scp -r /ckpt ops@mirror.example.org:/data  # broken: egress-upload-command
  EOT
  )
}
