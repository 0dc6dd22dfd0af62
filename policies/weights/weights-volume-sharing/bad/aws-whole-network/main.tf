resource "aws_vpc" "lab" {
  cidr_block = "10.20.0.0/20"
}

resource "aws_security_group" "nfs" {
  name   = "nfs"
  vpc_id = aws_vpc.lab.id

  ingress {
    from_port   = 2049
    to_port     = 2049
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.lab.cidr_block] # broken: weights-volume-sharing
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

resource "aws_security_group" "lustre" {
  name   = "lustre"
  vpc_id = aws_vpc.lab.id
}

resource "aws_vpc_security_group_ingress_rule" "lustre" {
  security_group_id = aws_security_group.lustre.id
  ip_protocol       = "-1"
  cidr_ipv4         = "10.0.0.0/8" # broken: weights-volume-sharing
}

resource "aws_fsx_lustre_file_system" "weights" {
  storage_capacity   = 12000
  subnet_ids         = ["subnet-1"]
  security_group_ids = [aws_security_group.lustre.id]
  tags               = { "mlsec/holds" = "weights" }
}
