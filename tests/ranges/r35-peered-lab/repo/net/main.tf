variable "name" { type = string }
variable "cidr" { type = string }
variable "peer_owner" { type = string }
variable "peer_vpc" { type = string }
variable "peer_routes" {
  type    = list(string)
  default = []
}

resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = { Name = var.name }
}

resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(var.cidr, 4, 0)
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}

resource "aws_vpc_peering_connection" "this" {
  vpc_id        = aws_vpc.this.id
  peer_owner_id = var.peer_owner
  peer_vpc_id   = var.peer_vpc
}

resource "aws_route" "peer" {
  for_each                  = toset(var.peer_routes)
  route_table_id            = aws_route_table.this.id
  destination_cidr_block    = each.value
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}

resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = aws_vpc.this.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

output "subnet" { value = aws_subnet.this.id }
output "group" { value = aws_security_group.this.id }
