variable "desks" {
  type = map(object({
    account   = string
    owner     = string
    public_ip = optional(bool, false)
  }))
}

resource "google_workbench_instance" "desk" {
  for_each = var.desks
  name     = "desk-${each.key}"
  location = "europe-west3-b"

  instance_owners = [each.value.owner]

  gce_setup {
    machine_type      = "g2-standard-12"
    disable_public_ip = !each.value.public_ip

    service_accounts {
      email = {
        fit    = google_service_account.fit.email
        listen = google_service_account.listen.email
      }[each.value.account]
    }

    network_interfaces {
      network = data.google_compute_network.shared.id
      subnet  = data.google_compute_subnetwork.desks.id
    }

    metadata = {
      terminal = "true"
    }

    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}
