resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "aws_datasync_location_s3" "weights" {
  s3_bucket_arn = aws_s3_bucket.weights.arn
  subdirectory  = "/"
}

resource "aws_datasync_location_object_storage" "out" {
  server_hostname = "s3.example.org"
  bucket_name     = "in"
}

resource "aws_datasync_task" "out" {
  source_location_arn      = aws_datasync_location_s3.weights.arn
  destination_location_arn = aws_datasync_location_object_storage.out.arn  # broken: egress-transfer-service
}

resource "aws_transfer_server" "sftp" {
  protocols     = ["SFTP"]
  endpoint_type = "PUBLIC"  # broken: egress-transfer-service
}

resource "aws_transfer_user" "partner" {
  server_id      = aws_transfer_server.sftp.id
  user_name      = "partner"
  role           = "arn:aws:iam::111122223333:role/sftp"
  home_directory = "/${aws_s3_bucket.weights.id}/out"
}
