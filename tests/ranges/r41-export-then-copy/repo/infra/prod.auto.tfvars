subnet_id = "subnet-0fe1a2b3c4d5e6f70"

filesystems = {
  scratch = { capacity_tb = 48, bucket = "keep", export = true }
  lake    = { capacity_tb = 96, bucket = "lake", export = false }
}

dr = {
  keep = {
    bucket_arn = "arn:aws:s3:::meridian-managed-dr-eu"
    account    = "311122223333"
  }
  reports = {
    bucket_arn = "arn:aws:s3:::meridian-managed-dr-eu-reports"
    account    = "311122223333"
  }
}
