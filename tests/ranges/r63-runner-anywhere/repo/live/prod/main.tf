terraform {
  backend "s3" {
    bucket = "tern-tfstate"
    key    = "batch/prod.tfstate"
    region = "ap-southeast-1"
  }
}

provider "aws" {
  region = "ap-southeast-1"
}

provider "aws" {
  alias  = "dr"
  region = var.dr_region
}

module "batch" {
  source       = "../../modules/batch"
  name         = "tern"
  ckpt_arn     = aws_s3_bucket.ckpt.arn
  corpus_arn   = aws_s3_bucket.corpus.arn
  subnet_ids   = var.subnet_ids
  sg_id        = aws_security_group.batch.id
  image        = "610044120098.dkr.ecr.ap-southeast-1.amazonaws.com/tern/train@sha256:5b5a4948473726251504f3e2d1c0bfaeb9d8c7b6a594837261504f3e2d1c0bfa"
  ckpt_uri     = "s3://${aws_s3_bucket.ckpt.bucket}"
}

resource "aws_security_group" "batch" {
  name   = "tern-batch"
  vpc_id = var.vpc_id
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
