resource "aws_kms_key" "weights" {
  description             = "Seals everything the trainers write"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  multi_region            = true
}

resource "aws_kms_replica_key" "weights" {
  provider = aws.dr

  description             = "The same key where the second copy lies"
  primary_key_arn         = aws_kms_key.weights.arn
  deletion_window_in_days = 30
}
