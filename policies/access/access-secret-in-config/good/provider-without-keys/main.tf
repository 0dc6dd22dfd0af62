variable "client_secret" {
  type      = string
  sensitive = true
}

provider "aws" {
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/plan"
  }
}

# A stand-in of AWS that runs beside the tests.
provider "aws" {
  alias                       = "local"
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "mock_secret_key"
  skip_credentials_validation = true
}

# What the documentation writes.
provider "aws" {
  alias      = "docs"
  region     = "eu-central-1"
  access_key = "AKIAIOSFODNN7EXAMPLE"
  secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}

provider "azurerm" {
  features {}
  client_secret = var.client_secret
}

provider "google" {
  project     = "lab-ml"
  credentials = file("key.json")
}
