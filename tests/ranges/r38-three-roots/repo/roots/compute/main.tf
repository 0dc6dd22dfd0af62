provider "aws" {
  region = "us-west-2"
}

data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket = "quarrystone-state"
    key    = "network/terraform.tfstate"
    region = "us-west-2"
  }
}

data "aws_iam_instance_profile" "cutter" {
  for_each = local.machines
  name     = "cutter-${each.key}"
}

locals {
  machines = {
    granite = "dusty"
    slate   = "clean"
  }
}

resource "aws_instance" "cutter" {
  for_each             = local.machines
  ami                  = "ami-0a9b8c7d6e5f40312"
  instance_type        = "p5.48xlarge"
  subnet_id            = data.terraform_remote_state.network.outputs.subnets[each.value]
  iam_instance_profile = data.aws_iam_instance_profile.cutter[each.key].name
}
