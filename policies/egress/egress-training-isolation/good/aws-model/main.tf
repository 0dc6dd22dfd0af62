resource "aws_sagemaker_model" "serve" {
  name               = "serve"
  execution_role_arn = "arn:aws:iam::111122223333:role/serve"
  enable_network_isolation = true

  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    model_data_url = "s3://lab-weights/release/model.tar.gz"
  }
}

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

resource "aws_sagemaker_model" "inside" {
  name               = "serve"
  execution_role_arn = "arn:aws:iam::111122223333:role/serve"

  vpc_config {
    subnets            = [aws_subnet.train.id]
    security_group_ids = [aws_security_group.train.id]
  }

  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    model_data_url = "s3://lab-weights/release/model.tar.gz"
  }
}
