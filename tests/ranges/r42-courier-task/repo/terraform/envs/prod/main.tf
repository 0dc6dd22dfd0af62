provider "aws" {
  region = var.region
  default_tags {
    tags = { team = "vision" }
  }
}

data "aws_caller_identity" "me" {}

data "terraform_remote_state" "net" {
  backend = "s3"
  config = {
    bucket = "obsidian-tfstate"
    key    = "network/prod.tfstate"
    region = "us-east-2"
  }
}

module "stores" {
  source = "../../modules/stores"
  env    = "prod"
  names  = toset(["vision-out", "vision-frames"])
}

module "training" {
  source      = "../../modules/sagemaker"
  env         = "prod"
  out_arn     = module.stores.arns["vision-out"]
  frames_arn  = module.stores.arns["vision-frames"]
  subnet_ids  = data.terraform_remote_state.net.outputs.private_subnets
  vpc_id      = data.terraform_remote_state.net.outputs.vpc_id
  domain_mode = "VpcOnly"
}

module "courier" {
  source   = "../../modules/courier"
  for_each = var.couriers

  name        = each.key
  source_arn  = module.stores.arns[each.value.from]
  prefix      = each.value.prefix
  server      = each.value.server
  bucket_name = each.value.bucket
  agent_arns  = var.datasync_agents
}
