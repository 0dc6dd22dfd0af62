resource "aws_vpc" "mill" {
  cidr_block = "10.70.0.0/16"
}

resource "aws_internet_gateway" "mill" {
  vpc_id = aws_vpc.mill.id
}

resource "aws_subnet" "front" {
  vpc_id     = aws_vpc.mill.id
  cidr_block = "10.70.1.0/24"
}

resource "aws_route_table" "front" {
  vpc_id = aws_vpc.mill.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.front.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.mill.id
}

resource "aws_route_table_association" "front" {
  subnet_id      = aws_subnet.front.id
  route_table_id = aws_route_table.front.id
}

resource "aws_security_group" "mill" {
  name   = "mill"
  vpc_id = aws_vpc.mill.id

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.mill.id
  service_name    = "com.amazonaws.us-east-2.s3"
  route_table_ids = [aws_route_table.front.id]
  policy          = data.aws_iam_policy_document.own.json
}

data "aws_iam_policy_document" "own" {
  statement {
    actions   = ["s3:*"]
    resources = [for b in aws_s3_bucket.bin : "${b.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
