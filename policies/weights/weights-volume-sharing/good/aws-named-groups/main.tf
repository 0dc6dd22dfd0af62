resource "aws_security_group" "trainers" {
  name   = "trainers"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "nfs" {
  name   = "nfs"
  vpc_id = "vpc-1"

  ingress {
    from_port       = 2049
    to_port         = 2049
    protocol        = "tcp"
    security_groups = [aws_security_group.trainers.id]
  }

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
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

# a policy that asks for an identity, whatever the network lets in
resource "aws_efs_file_system" "weights" {
  creation_token = "weights"
  encrypted      = true
}

resource "aws_efs_mount_target" "weights" {
  file_system_id = aws_efs_file_system.weights.id
  subnet_id      = "subnet-1"
}

resource "aws_efs_file_system_policy" "weights" {
  file_system_id = aws_efs_file_system.weights.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/trainer" }
      Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      Resource  = "*"
      Condition = { Bool = { "aws:SecureTransport" = "true" } }
    }]
  })
}
