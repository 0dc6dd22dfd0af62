workbenches = {
  reports = {
    machine_type = "e2-standard-8"
    runs_as      = "analyst"
    public_ip    = true
  }
  tuning = {
    machine_type = "a2-highgpu-1g"
    runs_as      = "vertex-train"
    public_ip    = false
  }
}
