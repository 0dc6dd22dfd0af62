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

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_volume_attachment" "checkpoints" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.checkpoints.id
  instance_id = aws_instance.trainer.id
}

resource "aws_instance" "trainer" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "p5.48xlarge"
  subnet_id              = aws_subnet.train.id
  vpc_security_group_ids = [aws_security_group.train.id]

  associate_public_ip_address = false
}
