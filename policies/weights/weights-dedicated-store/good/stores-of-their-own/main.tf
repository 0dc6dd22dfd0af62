resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

# Its name speaks of models, but it is a log bucket.
resource "aws_s3_bucket" "logs" {
  bucket = "acme-model-logs"
}

resource "aws_s3_bucket_logging" "weights" {
  bucket        = aws_s3_bucket.weights.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "weights/"
}

resource "azurerm_storage_account" "workspace" {
  name                     = "acmeworkspace"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}

resource "azurerm_machine_learning_workspace" "research" {
  name                    = "research"
  resource_group_name     = "ml"
  location                = "westus3"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.workspace.id

  identity {
    type = "SystemAssigned"
  }
}
