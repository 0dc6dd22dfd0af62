resource "aws_vpc" "main" {
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "train" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.8.1.0/24"
}

resource "aws_route_table" "train" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "train" {
  subnet_id      = aws_subnet.train.id
  route_table_id = aws_route_table.train.id
}

resource "aws_security_group" "train" {
  name   = "train"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.8.0.0/16"]
  }
}

resource "aws_eks_cluster" "gpu" {
  name     = "gpu"
  role_arn = "arn:aws:iam::111122223333:role/gpu"

  vpc_config {
    subnet_ids              = [aws_subnet.train.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}

resource "aws_eks_node_group" "gpu" {
  cluster_name    = aws_eks_cluster.gpu.name
  node_group_name = "gpu"
  node_role_arn   = "arn:aws:iam::111122223333:role/gpu-nodes"
  subnet_ids      = [aws_subnet.train.id]

  scaling_config {
    desired_size = 1
    max_size     = 8
    min_size     = 0
  }
}

