variable "azs" {
  type    = list(string)
  default = ["us-west-2a", "us-west-2b"]
}

provider "aws" {
  region = "us-west-2"
}
