provider "azurerm" {
  features {}
  storage_use_azuread = true
}

variable "location" {
  type    = string
  default = "germanywestcentral"
}

resource "azurerm_resource_group" "core" {
  name     = "rg-merganser"
  location = var.location
}

module "store" {
  source   = "./modules/store"
  for_each = {
    released = { replication = "GZRS", public = false }
    website  = { replication = "LRS", public = true }
  }
  name           = "stmerg${each.key}"
  replication    = each.value.replication
  public         = each.value.public
  location       = var.location
  resource_group = azurerm_resource_group.core.name
  subnet_id      = azurerm_subnet.endpoints.id
}
