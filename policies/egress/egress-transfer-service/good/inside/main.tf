resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "aws_datasync_location_s3" "weights" {
  s3_bucket_arn = aws_s3_bucket.weights.arn
  subdirectory  = "/"
}

resource "aws_datasync_location_object_storage" "out" {
  server_hostname = "store.corp.example"
  bucket_name     = "in"
}

resource "aws_datasync_task" "out" {
  source_location_arn      = aws_datasync_location_s3.weights.arn
  destination_location_arn = aws_datasync_location_object_storage.out.arn
}

resource "aws_transfer_server" "sftp" {
  protocols     = ["SFTP"]
  endpoint_type = "VPC"
}

resource "aws_transfer_user" "partner" {
  server_id      = aws_transfer_server.sftp.id
  user_name      = "partner"
  role           = "arn:aws:iam::111122223333:role/sftp"
  home_directory = "/${aws_s3_bucket.weights.id}/out"
}

resource "azurerm_storage_account" "weights" {
  name                     = "labweights2"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  sftp_enabled             = false
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_data_factory" "etl" {
  name                   = "etl"
  location               = "westeurope"
  resource_group_name    = "ml"
  public_network_enabled = false
}

resource "azurerm_data_factory_linked_service_data_lake_storage_gen2" "weights" {
  name            = "weights"
  data_factory_id = azurerm_data_factory.etl.id
  url             = azurerm_storage_account.weights.primary_dfs_endpoint
}
