variable "clients" {
  type = list(string)
}

resource "aws_security_group" "nfs" {
  name   = "nfs"
  vpc_id = "vpc-1"

  ingress {
    from_port   = 2049
    to_port     = 2049
    protocol    = "tcp"
    cidr_blocks = var.clients # unknown: weights-volume-sharing
  }
}

resource "aws_efs_file_system" "checkpoints" {
  creation_token = "checkpoints"
  encrypted      = true
}

resource "aws_efs_mount_target" "checkpoints" {
  file_system_id  = aws_efs_file_system.checkpoints.id
  subnet_id       = "subnet-1"
  security_groups = [aws_security_group.nfs.id]
}
