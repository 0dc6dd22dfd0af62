variable "location" {
  type    = string
  default = "northeurope"
}

variable "approved_hosts" {
  type = map(string)
  default = {
    pypi   = "pypi.org"
    wheels = "files.pythonhosted.org"
  }
}
