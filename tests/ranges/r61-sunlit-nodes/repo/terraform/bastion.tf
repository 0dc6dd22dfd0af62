resource "aws_security_group" "bastion" {
  vpc_id = aws_vpc.lab.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["203.0.113.0/28"]
  }
}

resource "aws_instance" "bastion" {
  ami                         = "ami-0b1c2d3e4f5a69788"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.gpu[0].id
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.bastion.id]
  metadata_options {
    http_tokens = "required"
  }
}
