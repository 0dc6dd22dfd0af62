locals {
  rings = toset(["gneiss", "schist"])
}

resource "google_storage_bucket" "ring" {
  for_each                    = local.rings
  name                        = "marl-${each.key}"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_storage_bucket" "site" {
  name                        = "marl-models-docs"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true
}
