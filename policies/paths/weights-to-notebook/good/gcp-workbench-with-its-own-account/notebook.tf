resource "google_workbench_instance" "quick_look" {
  name     = "quick-look"
  location = "europe-west4-a"

  gce_setup {
    machine_type      = "e2-standard-4"
    disable_public_ip = true

    service_accounts {
      email = google_service_account.notebooks.email
    }
  }
}
