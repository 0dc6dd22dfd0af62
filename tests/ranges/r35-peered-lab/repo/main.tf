provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["210987654321"]
}

module "net" {
  source   = "./net"
  for_each = local.labs

  name        = each.key
  cidr        = each.value.cidr
  peer_owner  = "444455556666"
  peer_vpc    = "vpc-0a1b2c3d4e5f60718"
  peer_routes = each.value.routes
}

locals {
  labs = {
    heron = { cidr = "10.81.0.0/16", routes = ["10.200.0.0/16"] }
    egret = { cidr = "10.82.0.0/16", routes = [] }
  }
}

resource "aws_ebs_volume" "spare" {
  availability_zone = "eu-west-1a"
  size              = 100
}

resource "aws_s3_bucket" "lab" {
  for_each = local.labs
  bucket   = "lakeside-${each.key}"
}

resource "aws_iam_role" "lab" {
  for_each = local.labs
  name     = "lakeside-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "lab" {
  for_each = local.labs
  role     = aws_iam_role.lab[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${aws_s3_bucket.lab[each.key].arn}/*"
    }]
  })
}

resource "aws_iam_instance_profile" "lab" {
  for_each = local.labs
  name     = "lakeside-${each.key}"
  role     = aws_iam_role.lab[each.key].name
}

resource "aws_instance" "trainer" {
  for_each               = local.labs
  ami                    = "ami-0f1e2d3c4b5a69788"
  instance_type          = "p4d.24xlarge"
  subnet_id              = module.net[each.key].subnet
  vpc_security_group_ids = [module.net[each.key].group]
  iam_instance_profile   = aws_iam_instance_profile.lab[each.key].name
}
