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

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_iam_role" "research" {
  name = "research"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "research" {
  role = aws_iam_role.research.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}

resource "aws_sagemaker_domain" "research" {
  domain_name             = "research"
  auth_mode               = "IAM"
  vpc_id                  = aws_vpc.main.id
  subnet_ids              = [aws_subnet.train.id]
  app_network_access_type = "PublicInternetOnly" # broken: egress-notebook-internet

  default_user_settings {
    execution_role = aws_iam_role.research.arn
  }
}
