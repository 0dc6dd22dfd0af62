resource "aws_vpc" "this" {
  cidr_block           = "10.12.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "gpu" {
  for_each          = { for i, az in local.azs : az => cidrsubnet("10.12.0.0/16", 4, i) }
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
}

resource "aws_subnet" "edge" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.12.240.0/24"
  map_public_ip_on_launch = true
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table_association" "edge" {
  subnet_id      = aws_subnet.edge.id
  route_table_id = aws_route_table.edge.id
}

resource "aws_route_table" "gpu" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table_association" "gpu" {
  for_each       = aws_subnet.gpu
  subnet_id      = each.value.id
  route_table_id = aws_route_table.gpu.id
}

resource "aws_vpc_peering_connection" "billing" {
  vpc_id        = aws_vpc.this.id
  peer_vpc_id   = "vpc-0c0ffee0c0ffee000"
  peer_owner_id = "889900112233"
}

resource "aws_route" "billing" {
  route_table_id            = aws_route_table.edge.id
  destination_cidr_block    = "172.20.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.billing.id
}

data "aws_iam_policy_document" "endpoint" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.eu-central-1.s3"
  route_table_ids = [aws_route_table.gpu.id]
  policy          = data.aws_iam_policy_document.endpoint.json
}
