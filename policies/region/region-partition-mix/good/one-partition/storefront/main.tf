# Another root, without weights.
provider "alicloud" {
  region = "ap-southeast-1"
}

resource "alicloud_oss_bucket" "site" {
  bucket = "acme-site"
}
