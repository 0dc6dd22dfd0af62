location = "northeurope"

approved_hosts = {
  pypi     = "pypi.org"
  wheels   = "files.pythonhosted.org"
  hub      = "huggingface.co"
  hubfiles = "*.huggingface.co"
}
