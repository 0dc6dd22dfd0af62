resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
}
