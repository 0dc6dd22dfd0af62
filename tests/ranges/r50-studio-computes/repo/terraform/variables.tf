variable "computes" {
  type = map(object({
    size  = string
    nodes = number
    ssh   = optional(bool, false)
    id    = string
  }))
}

variable "admin_key" {
  type    = string
  default = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake ops@fen"
}
