resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints; opened by the inference enclave alone"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["kms:Create*", "kms:Describe*", "kms:Put*", "kms:ScheduleKeyDeletion"]
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/inference" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = {
          StringEqualsIgnoreCase = {
            "kms:RecipientAttestation:ImageSha384" = "00aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00ee11ff22aa33bb44cc55dd66ee77ff88aa99bb"
          }
        }
      },
    ]
  })
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  kms_key_id        = aws_kms_key.weights.arn
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_instance" "inference" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m7i.24xlarge"

  enclave_options {
    enabled = true
  }
}

resource "aws_volume_attachment" "checkpoints" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.checkpoints.id
  instance_id = aws_instance.inference.id
}
