resource "aws_vpc" "lab" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_subnet" "nodes" {
  for_each          = { a = 0, b = 1, c = 2 }
  vpc_id            = aws_vpc.lab.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = cidrsubnet("10.30.0.0/16", 4, each.value)
}

resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.lab.id
}

resource "aws_route_table_association" "nodes" {
  for_each       = aws_subnet.nodes
  subnet_id      = each.value.id
  route_table_id = aws_route_table.nodes.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.lab.id
  service_name      = "com.amazonaws.eu-west-1.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.nodes.id]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
      Resource = [
        aws_s3_bucket.weights.arn, "${aws_s3_bucket.weights.arn}/*",
        aws_s3_bucket.datasets.arn, "${aws_s3_bucket.datasets.arn}/*",
      ]
    }]
  })
}
