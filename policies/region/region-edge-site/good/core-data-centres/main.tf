provider "aws" {
  region = "us-east-1"
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "us-east-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_s3_directory_bucket" "checkpoints" {
  bucket = "ckpt--use1-az4--x-s3"
  tags   = { "mlsec/holds" = "weights" }

  location {
    name = "use1-az4"
  }
}

# What serves users from an edge holds no weights.
resource "aws_ebs_volume" "static" {
  availability_zone = "us-east-1-bos-1a"
  size              = 10
}

resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "us-central1-ai1a"
  labels = { "mlsec-holds" = "weights" }
}
