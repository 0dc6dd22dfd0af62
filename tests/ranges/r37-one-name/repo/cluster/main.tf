provider "aws" {
  region = "eu-west-2"
}

resource "aws_vpc" "sedge" {
  cidr_block = "10.44.0.0/16"
}

resource "aws_subnet" "nodes" {
  vpc_id     = aws_vpc.sedge.id
  cidr_block = "10.44.0.0/20"
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.sedge.id
  cidr_block = "10.44.16.0/24"
}

resource "aws_nat_gateway" "sedge" {
  subnet_id         = aws_subnet.edge.id
  connectivity_type = "public"
}

resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.sedge.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.sedge.id
  }
}

resource "aws_route_table_association" "nodes" {
  subnet_id      = aws_subnet.nodes.id
  route_table_id = aws_route_table.nodes.id
}

resource "aws_eks_cluster" "sedge" {
  name     = "sedge"
  role_arn = "arn:aws:iam::111122223333:role/eks"

  vpc_config {
    subnet_ids             = [aws_subnet.nodes.id]
    endpoint_public_access = false
  }
}

resource "aws_eks_node_group" "gpu" {
  cluster_name    = aws_eks_cluster.sedge.name
  node_group_name = "gpu"
  node_role_arn   = "arn:aws:iam::111122223333:role/node"
  subnet_ids      = [aws_subnet.nodes.id]
  instance_types  = ["p5.48xlarge"]
}
