resource "aws_security_group" "lustre" {
  name   = "lustre"
  vpc_id = data.aws_subnet.compute.vpc_id

  ingress {
    from_port   = 988
    to_port     = 1023
    protocol    = "tcp"
    cidr_blocks = [var.head_node_cidr]
  }
}

data "aws_subnet" "compute" {
  id = var.subnet_id
}

resource "aws_kms_key" "lustre" {
  description         = "file systems"
  enable_key_rotation = true
}

resource "aws_fsx_lustre_file_system" "this" {
  for_each                    = var.filesystems
  storage_capacity            = each.value.capacity_tb * 1024
  subnet_ids                  = [var.subnet_id]
  deployment_type             = "PERSISTENT_2"
  per_unit_storage_throughput = 250
  kms_key_id                  = aws_kms_key.lustre.arn
  security_group_ids          = [aws_security_group.lustre.id]

  tags = {
    mount = "/${each.key}"
  }
}

resource "aws_fsx_data_repository_association" "this" {
  for_each             = var.filesystems
  file_system_id       = aws_fsx_lustre_file_system.this[each.key].id
  data_repository_path = "s3://${aws_s3_bucket.this[each.value.bucket].bucket}/${each.key}"
  file_system_path     = "/"

  s3 {
    auto_import_policy {
      events = ["NEW", "CHANGED"]
    }

    dynamic "auto_export_policy" {
      for_each = each.value.export ? [1] : []
      content {
        events = ["NEW", "CHANGED", "DELETED"]
      }
    }
  }
}
