desks = {
  morel = {
    account = "fit"
    owner   = "jana.morel@auricle.example"
  }
  panel = {
    account = "listen"
    owner   = "panel@auricle.example"
  }
}
