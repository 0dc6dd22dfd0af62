provider "aws" {
  region = "us-east-1"
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "us-east-1-bos-1a" # broken: region-edge-site
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_ebs_volume" "on_premises" {
  availability_zone = "us-east-1a"
  outpost_arn       = "arn:aws:outposts:us-east-1:111122223333:outpost/op-0a1b2c" # broken: region-edge-site
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_s3_directory_bucket" "checkpoints" {
  bucket = "ckpt--use1-bos1-az1--x-s3"
  tags   = { "mlsec/holds" = "weights" }

  location {
    name = "use1-az4"
    type = "LocalZone" # broken: region-edge-site
  }
}

resource "aws_subnet" "near_users" {
  vpc_id            = "vpc-1"
  cidr_block        = "10.0.8.0/24"
  availability_zone = "us-east-1-wl1-bos-wlz-1"
}

resource "aws_fsx_lustre_file_system" "checkpoints" {
  storage_capacity = 4800
  subnet_ids       = [aws_subnet.near_users.id] # broken: region-edge-site
  tags             = { "mlsec/holds" = "weights" }
}
