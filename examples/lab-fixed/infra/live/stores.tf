module "checkpoints" {
  source = "../modules/store"

  name        = "osprey-run-artifacts"
  kms_key_arn = aws_kms_key.weights.arn
}

module "datasets" {
  source = "../modules/store"

  name        = "osprey-public-corpus"
  kms_key_arn = aws_kms_key.weights.arn
}

module "copy" {
  source    = "../modules/store"
  providers = { aws = aws.dr }

  name        = "osprey-run-artifacts-dr"
  kms_key_arn = aws_kms_replica_key.weights.arn
}

resource "aws_s3_bucket_replication_configuration" "checkpoints" {
  bucket = module.checkpoints.id
  role   = aws_iam_role.replication.arn

  rule {
    id     = "second-copy"
    status = "Enabled"

    destination {
      bucket        = module.copy.arn
      storage_class = "STANDARD_IA"
    }
  }
}
