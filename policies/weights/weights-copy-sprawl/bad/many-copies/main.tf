provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" { # broken: weights-copy-sprawl
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "replica" {
  for_each = toset(["a", "b"])
  bucket   = "acme-frontier-replica-${each.key}"
}

resource "aws_s3_bucket_replication_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"

  rule {
    id     = "a"
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.replica["a"].arn
    }
  }
  rule {
    id     = "b"
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.replica["b"].arn
    }
  }
}

resource "aws_fsx_lustre_file_system" "scratch" {
  storage_capacity = 4800
  subnet_ids       = ["subnet-1"]
}

resource "aws_fsx_data_repository_association" "weights" {
  file_system_id       = aws_fsx_lustre_file_system.scratch.id
  data_repository_path = "s3://acme-frontier-weights"
  file_system_path     = "/weights"
}

resource "aws_datasync_location_s3" "weights" {
  s3_bucket_arn = aws_s3_bucket.weights.arn
  subdirectory  = "/"
  s3_config {
    bucket_access_role_arn = "arn:aws:iam::111122223333:role/datasync"
  }
}

resource "aws_s3_bucket" "partner" {
  bucket = "acme-partner"
}

resource "aws_datasync_location_s3" "partner" {
  s3_bucket_arn = aws_s3_bucket.partner.arn
  subdirectory  = "/"
  s3_config {
    bucket_access_role_arn = "arn:aws:iam::111122223333:role/datasync"
  }
}

resource "aws_datasync_task" "partner" {
  source_location_arn      = aws_datasync_location_s3.weights.arn
  destination_location_arn = aws_datasync_location_s3.partner.arn
}
