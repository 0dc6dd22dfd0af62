resource "azurerm_container_group" "server" {
  name                = "server"
  location            = "westeurope"
  resource_group_name = "ml"
  os_type             = "Linux"
  container {
    name     = "server"
    image    = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    cpu      = 8
    memory   = 64
    commands = [
      "vllm", "serve", "acme/frontier",
      "--trust-remote-code", # broken: integrity-trust-remote-code
    ]
  }
}
