resource "aws_vpc" "gpu" {
  cidr_block = "10.90.0.0/16"
}

resource "aws_subnet" "gpu" {
  vpc_id     = aws_vpc.gpu.id
  cidr_block = "10.90.16.0/20"
}

resource "aws_route_table" "gpu" {
  vpc_id = aws_vpc.gpu.id
}

resource "aws_route_table_association" "gpu" {
  subnet_id      = aws_subnet.gpu.id
  route_table_id = aws_route_table.gpu.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.gpu.id
  service_name    = "com.amazonaws.ap-northeast-1.s3"
  route_table_ids = [aws_route_table.gpu.id]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]
    }]
  })
}

resource "aws_security_group" "gpu" {
  name   = "gpu"
  vpc_id = aws_vpc.gpu.id

  ingress {
    description = "ssh from the bastion network"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.90.0.0/24"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
