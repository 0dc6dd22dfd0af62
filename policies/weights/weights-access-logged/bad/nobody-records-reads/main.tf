resource "aws_s3_bucket" "weights" { # broken: weights-access-logged
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

# Management events only.
resource "aws_cloudtrail" "account" {
  name                  = "account"
  s3_bucket_name        = "acme-trail"
  is_multi_region_trail = true
}

resource "google_storage_bucket" "weights" { # broken: weights-access-logged
  name     = "acme-weights"
  location = "US-WEST1"
  project  = "acme-ml"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_project_iam_audit_config" "other_project" {
  project = "acme-web"
  service = "allServices"

  audit_log_config {
    log_type = "DATA_READ"
  }
}

resource "azurerm_storage_account" "weights" { # broken: weights-access-logged
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

# On the account itself: metrics only.
resource "azurerm_monitor_diagnostic_setting" "weights" {
  name                       = "weights"
  target_resource_id         = azurerm_storage_account.weights.id
  log_analytics_workspace_id = "workspace"

  enabled_metric {
    category = "Transaction"
  }
}
