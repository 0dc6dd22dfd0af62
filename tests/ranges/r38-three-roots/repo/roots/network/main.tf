terraform {
  backend "s3" {
    bucket = "quarrystone-state"
    key    = "network/terraform.tfstate"
    region = "us-west-2"
  }
}

provider "aws" {
  region = "us-west-2"
}

resource "aws_vpc" "quarry" {
  cidr_block = "10.90.0.0/16"
  tags       = { Name = "quarry" }
}

resource "aws_subnet" "part" {
  for_each   = { dusty = "10.90.1.0/24", clean = "10.90.2.0/24", edge = "10.90.3.0/24" }
  vpc_id     = aws_vpc.quarry.id
  cidr_block = each.value
  tags       = { Name = "quarry-${each.key}" }
}

resource "aws_internet_gateway" "quarry" {
  vpc_id = aws_vpc.quarry.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "quarry" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.part["edge"].id
}

resource "aws_route_table" "part" {
  for_each = aws_subnet.part
  vpc_id   = aws_vpc.quarry.id
}

resource "aws_route_table_association" "part" {
  for_each       = aws_subnet.part
  subnet_id      = each.value.id
  route_table_id = aws_route_table.part[each.key].id
}

resource "aws_route" "edge" {
  route_table_id         = aws_route_table.part["edge"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.quarry.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.part["dusty"].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.quarry.id
}

output "subnets" {
  value = { for k, s in aws_subnet.part : k => s.id }
}
