provider "aws" {
}

variable "zone" {
  type = string
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = var.zone # unknown: region-edge-site
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}
