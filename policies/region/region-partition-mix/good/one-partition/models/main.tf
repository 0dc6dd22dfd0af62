provider "aws" {
  region = "us-gov-west-1"
}

provider "aws" {
  alias  = "commercial"
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_replication_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws-us-gov:iam::111122223333:role/replication"

  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = "arn:aws-us-gov:s3:::acme-frontier-replica"
    }
  }
}
