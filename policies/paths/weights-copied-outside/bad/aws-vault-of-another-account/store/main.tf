provider "aws" {
  region = "us-west-2"
}

resource "aws_efs_file_system" "checkpoints" {
  tags = {
    "mlsec/holds" = "weights"
    backup        = "true"
  }
}
