locals {
  trainers = {
    kaede  = { type = "p5.48xlarge", disk_gb = 4000 }
    sumire = { type = "g6e.12xlarge", disk_gb = 800 }
  }
}

resource "aws_s3_bucket" "artifacts" {
  bucket = "hoshino-artifacts"
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = data.aws_iam_policy_document.ec2.json
}

resource "aws_iam_role_policy" "trainer" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.artifacts.arn}/ckpt/*"
    }]
  })
}

resource "aws_iam_instance_profile" "trainer" {
  name = "trainer"
  role = aws_iam_role.trainer.name
}

resource "aws_instance" "trainer" {
  for_each               = local.trainers
  ami                    = data.aws_ami.dlami.id
  instance_type          = each.value.type
  subnet_id              = aws_subnet.gpu.id
  vpc_security_group_ids = [aws_security_group.gpu.id]
  iam_instance_profile   = aws_iam_instance_profile.trainer.name
  user_data = templatefile("${path.module}/templates/boot.sh.tftpl", {
    name   = each.key
    bucket = aws_s3_bucket.artifacts.bucket
  })

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted = true
  }
}

resource "aws_ebs_volume" "out" {
  for_each          = local.trainers
  availability_zone = aws_instance.trainer[each.key].availability_zone
  size              = each.value.disk_gb
  type              = "gp3"
  encrypted         = true
}

resource "aws_volume_attachment" "out" {
  for_each    = local.trainers
  device_name = "/dev/sdf"
  instance_id = aws_instance.trainer[each.key].id
  volume_id   = aws_ebs_volume.out[each.key].id
}
