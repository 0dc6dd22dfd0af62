variable "source_range" {
  type = string
}

resource "azurerm_virtual_network" "training" {
  name                = "training"
  location            = "westeurope"
  resource_group_name = "lab"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "compute" {
  name                            = "compute"
  resource_group_name             = "lab"
  virtual_network_name            = azurerm_virtual_network.training.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = false
}

resource "azurerm_public_ip" "trainer" {
  name                = "trainer"
  location            = "westeurope"
  resource_group_name = "lab"
  allocation_method   = "Static"
}

resource "azurerm_network_interface" "trainer" {
  name                = "trainer"
  location            = "westeurope"
  resource_group_name = "lab"

  ip_configuration {
    name                          = "trainer"
    subnet_id                     = azurerm_subnet.compute.id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = azurerm_public_ip.trainer.id
  }
}

resource "azurerm_managed_disk" "checkpoints" {
  name                 = "checkpoints"
  location             = "westeurope"
  resource_group_name  = "lab"
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 4096
  tags                 = { "mlsec-holds" = "weights" }
}

resource "azurerm_linux_virtual_machine" "trainer" {
  name                  = "trainer"
  resource_group_name   = "lab"
  location              = "westeurope"
  size                  = "Standard_NC24ads_A100_v4"
  admin_username        = "lab"
  network_interface_ids = [azurerm_network_interface.trainer.id]

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }
}

resource "azurerm_virtual_machine_data_disk_attachment" "checkpoints" {
  managed_disk_id    = azurerm_managed_disk.checkpoints.id
  virtual_machine_id = azurerm_linux_virtual_machine.trainer.id
  lun                = 0
  caching            = "None"
}

resource "azurerm_network_security_group" "compute" {
  name                = "compute"
  location            = "westeurope"
  resource_group_name = "lab"

  security_rule {
    name                       = "ssh"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "22"
    source_address_prefix      = var.source_range # unknown: access-ssh-open
    destination_address_prefix = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "compute" {
  subnet_id                 = azurerm_subnet.compute.id
  network_security_group_id = azurerm_network_security_group.compute.id
}
