variable "policy" {
  type = string
}

variable "lowest" {
  type = string
}

resource "aws_s3_bucket" "weights" {  # unknown: integrity-insecure-transport
  bucket = "lab-model-weights"
}

resource "aws_s3_bucket_policy" "weights" {
  bucket = aws_s3_bucket.weights.id
  policy = var.policy
}

resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  min_tls_version          = var.lowest  # unknown: integrity-insecure-transport
  tags                     = { "mlsec/holds" = "weights" }
}
