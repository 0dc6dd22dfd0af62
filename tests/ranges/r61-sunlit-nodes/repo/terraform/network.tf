resource "aws_vpc" "lab" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
  enable_dns_support   = true
}

resource "aws_internet_gateway" "lab" {
  vpc_id = aws_vpc.lab.id
}

resource "aws_subnet" "gpu" {
  count                   = length(var.azs)
  vpc_id                  = aws_vpc.lab.id
  cidr_block              = cidrsubnet(aws_vpc.lab.cidr_block, 4, count.index)
  availability_zone       = var.azs[count.index]
  map_public_ip_on_launch = true
  tags                    = { Name = "gpu-${var.azs[count.index]}" }
}

resource "aws_subnet" "system" {
  count             = length(var.azs)
  vpc_id            = aws_vpc.lab.id
  cidr_block        = cidrsubnet(aws_vpc.lab.cidr_block, 4, count.index + 4)
  availability_zone = var.azs[count.index]
  tags              = { Name = "system-${var.azs[count.index]}" }
}

resource "aws_route_table" "gpu" {
  vpc_id = aws_vpc.lab.id
}

resource "aws_route" "gpu_default" {
  route_table_id         = aws_route_table.gpu.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.lab.id
}

resource "aws_route_table_association" "gpu" {
  count          = length(var.azs)
  subnet_id      = aws_subnet.gpu[count.index].id
  route_table_id = aws_route_table.gpu.id
}

resource "aws_route_table" "system" {
  vpc_id = aws_vpc.lab.id
}

resource "aws_route_table_association" "system" {
  count          = length(var.azs)
  subnet_id      = aws_subnet.system[count.index].id
  route_table_id = aws_route_table.system.id
}
