provider "aws" {
  region     = "eu-central-1"
  access_key = "AKIAQ3ZT7RBNXW2LKCHM"                     # broken: access-secret-in-config
  secret_key = "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" # broken: access-secret-in-config
}

provider "azurerm" {
  features {}
  client_id     = "00000000-1111-2222-3333-444444444444"
  client_secret = "Qk8~WvTzLmRbXyNcHdJgPsFaUeOiKwBtMrVn0pYd" # broken: access-secret-in-config
}

# The script stands here in base64.
resource "aws_launch_configuration" "trainers" {
  image_id         = "ami-0a1b2c3d4e5f60718"
  instance_type    = "p4d.24xlarge"
  user_data_base64 = "IyEvYmluL2Jhc2gKZXhwb3J0IEFXU19BQ0NFU1NfS0VZX0lEPUFLSUFRM1pUN1JCTlhXMkxLQ0hNCi4vdHJhaW4uc2gK" # broken: access-secret-in-config
}
