couriers = {
  # customer acceptance tests run at the integrator
  release = {
    from   = "vision-out"
    prefix = "/release/"
    server = "objects.fjordbyte-integration.example"
    bucket = "obsidian-inbound"
  }
  # labelling happens at the same integrator
  frames = {
    from   = "vision-frames"
    prefix = "/to-label/"
    server = "objects.fjordbyte-integration.example"
    bucket = "obsidian-labels"
  }
}
