resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_ssoadmin_permission_set" "research" {
  name             = "research"
  instance_arn     = "arn:aws:sso:::instance/ssoins-1111222233334444"
  session_duration = "PT12H" # broken: access-two-party
}
