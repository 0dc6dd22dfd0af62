variable "name" { type = string }
variable "zone" { type = string }
variable "machine_type" { type = string }
variable "service_account" { type = string }
variable "public_ip" { type = bool }

resource "google_workbench_instance" "this" {
  name     = var.name
  location = var.zone

  gce_setup {
    machine_type      = var.machine_type
    disable_public_ip = !var.public_ip

    service_accounts {
      email = var.service_account
    }

    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}
