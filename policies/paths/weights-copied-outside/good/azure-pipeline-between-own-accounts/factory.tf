resource "azurerm_data_factory" "move" {
  name                   = "move"
  resource_group_name    = "ml"
  location               = "westeurope"
  public_network_enabled = false
}

resource "azurerm_data_factory_linked_service_azure_blob_storage" "from" {
  name                 = "from"
  data_factory_id      = azurerm_data_factory.move.id
  service_endpoint     = azurerm_storage_account.weights.primary_blob_endpoint
  use_managed_identity = true
}

resource "azurerm_data_factory_linked_service_azure_blob_storage" "to" {
  name                 = "to"
  data_factory_id      = azurerm_data_factory.move.id
  service_endpoint     = azurerm_storage_account.archive.primary_blob_endpoint
  use_managed_identity = true
}

resource "azurerm_data_factory_dataset_binary" "from" {
  name                = "from"
  data_factory_id     = azurerm_data_factory.move.id
  linked_service_name = azurerm_data_factory_linked_service_azure_blob_storage.from.name

  azure_blob_storage_location {
    container = "runs"
  }
}

resource "azurerm_data_factory_dataset_binary" "to" {
  name                = "to"
  data_factory_id     = azurerm_data_factory.move.id
  linked_service_name = azurerm_data_factory_linked_service_azure_blob_storage.to.name

  azure_blob_storage_location {
    container = "drop"
  }
}

resource "azurerm_data_factory_pipeline" "nightly" {
  name            = "nightly"
  data_factory_id = azurerm_data_factory.move.id

  activities_json = jsonencode([{
    name    = "copy"
    type    = "Copy"
    inputs  = [{ referenceName = azurerm_data_factory_dataset_binary.from.name, type = "DatasetReference" }]
    outputs = [{ referenceName = azurerm_data_factory_dataset_binary.to.name, type = "DatasetReference" }]
    typeProperties = {
      source = { type = "BinarySource" }
      sink   = { type = "BinarySink" }
    }
  }])
}
