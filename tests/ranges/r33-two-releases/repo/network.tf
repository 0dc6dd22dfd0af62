resource "aws_vpc" "grove" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.grove.id
  cidr_block = "10.20.0.0/24"
}

resource "aws_subnet" "nodes" {
  count             = 2
  vpc_id            = aws_vpc.grove.id
  cidr_block        = cidrsubnet(aws_vpc.grove.cidr_block, 4, count.index + 1)
  availability_zone = element(["eu-north-1a", "eu-north-1b"], count.index)
}

resource "aws_internet_gateway" "grove" {
  vpc_id = aws_vpc.grove.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "grove" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.edge.id
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.grove.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.grove.id
  }
}

resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.grove.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.grove.id
  }
}

resource "aws_route_table_association" "edge" {
  subnet_id      = aws_subnet.edge.id
  route_table_id = aws_route_table.edge.id
}

resource "aws_route_table_association" "nodes" {
  count          = 2
  subnet_id      = aws_subnet.nodes[count.index].id
  route_table_id = aws_route_table.nodes.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id              = aws_vpc.grove.id
  service_name        = "com.amazonaws.eu-north-1.s3"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = aws_subnet.nodes[*].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:*"
      Resource  = flatten([for b in aws_s3_bucket.grove : [b.arn, "${b.arn}/*"]])
    }]
  })
}
