provider "aws" {
  region = "us-west-2"
}

variable "everywhere" {
  type = bool
}

resource "aws_kms_key" "weights" {
  description  = "weights"
  multi_region = var.everywhere # unknown: region-key-multi-region
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "us-west-2a"
  size              = 4096
  encrypted         = true
  kms_key_id        = aws_kms_key.weights.arn
  tags              = { "mlsec/holds" = "weights" }
}
