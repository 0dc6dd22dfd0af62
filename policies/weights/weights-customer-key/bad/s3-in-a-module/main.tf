module "weights" {
  source = "./store"
  name   = "acme-frontier-weights"
}
